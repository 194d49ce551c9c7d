// What can go wrong on a node.
import { type GroundErrorCode, AgentError as OfAnyAgent } from '@headgate/agent-router/agent-ground';

export { messageOf } from '@headgate/agent-router/agent-ground';

export type AgentErrorCode =
  | GroundErrorCode
  /** There is nothing of that name. */
  | 'not_found'
  /** A manifest without a signature, of another key, or older than the one that we have. */
  | 'not_trusted'
  /** A host, tracker or path that this node does not touch. */
  | 'not_allowed'
  /** What came is not what its sha256 says. */
  | 'bytes_wrong'
  | 'no_room';

export type AgentError = OfAnyAgent<AgentErrorCode>;
export const AgentError = OfAnyAgent<AgentErrorCode>;

export const isCode = (error: unknown, code: AgentErrorCode): boolean => error instanceof AgentError && error.code === code;

// What can go wrong with the router or the set-up.
import { type GroundErrorCode, AgentError as OfAnyAgent } from './ground/errors.ts';

export { messageOf } from './ground/errors.ts';

export type AgentErrorCode =
  | GroundErrorCode
  /** Logged in, but this one call is not granted; the message names the grant. */
  | 'denied'
  /** A value that must never reach a router's shell. */
  | 'input_invalid';

export type AgentError = OfAnyAgent<AgentErrorCode>;
export const AgentError = OfAnyAgent<AgentErrorCode>;

export const isCode = (error: unknown, code: AgentErrorCode): boolean => error instanceof AgentError && error.code === code;

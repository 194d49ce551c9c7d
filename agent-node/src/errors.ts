// What can go wrong on a node. What is thrown on purpose has a code from this closed list.

export type AgentErrorCode =
  | 'config_invalid'
  /** No answer: refused connection, no route, cut off. */
  | 'unreachable'
  /** It answers, and knows us not: wrong token, wrong key, wrong certificate. Only a person can mend that. */
  | 'refused'
  /** There is nothing of that name. */
  | 'not_found'
  | 'timeout'
  /** It answered, but not as its contract says. */
  | 'bad_answer'
  /** A manifest without a signature, of another key, or older than the one that we have. */
  | 'not_trusted'
  /** A host, tracker or path that this node does not touch. */
  | 'not_allowed'
  /** What came is not what its sha256 says. */
  | 'bytes_wrong'
  | 'no_room'
  | 'storage_failed';

/** `message` is a sentence fit for a person and free of secrets; `cause` keeps what lay below. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isCode = (error: unknown, code: AgentErrorCode): boolean => error instanceof AgentError && error.code === code;

// What can go wrong with the router or the set-up. What is thrown on purpose has a code from this closed list.

export type AgentErrorCode =
  | 'config_invalid'
  /** No answer: refused connection, no route, cut off, restarting. */
  | 'unreachable'
  /** It answers, and knows us not: wrong password, wrong key, unknown host key. Only a person can mend that. */
  | 'refused'
  /** Logged in, but this one call is not granted; the message names the grant. */
  | 'denied'
  | 'timeout'
  /** It answered, but not as its contract says. */
  | 'bad_answer'
  /** A value that must never reach a router's shell. */
  | 'input_invalid'
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

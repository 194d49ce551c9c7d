// What can go wrong on any agent. What is thrown on purpose has a code from a closed list: this one, and what an agent adds to it.

export type GroundErrorCode =
  | 'config_invalid'
  /** No answer: refused connection, no route, cut off, restarting. */
  | 'unreachable'
  /** It answers, and knows us not: wrong password, token, key or certificate. Only a person can mend that. */
  | 'refused'
  | 'timeout'
  /** It answered, but not as its contract says. */
  | 'bad_answer'
  | 'storage_failed';

/** `message` is a sentence fit for a person and free of secrets; `cause` keeps what lay below. */
export class AgentError<Code extends string = GroundErrorCode> extends Error {
  override readonly name = 'AgentError';
  readonly code: Code;
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// The controller's one error class. Expected alternatives are values; what is thrown has a code from this closed list.

/** Which thing went wrong, for the place that turns errors into HTTP, exit codes and alarms. */
export type ErrorCode =
  | 'config_invalid'
  | 'input_invalid'
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'too_many'
  | 'storage_failed'
  /** No answer: refused connection, no route, TLS failure, or the product is still starting. */
  | 'upstream_unreachable'
  /** The neighbour knows us not: wrong key or password. Never retried by itself. */
  | 'upstream_refused'
  /** The neighbour answered, but not as its contract says. */
  | 'upstream_failed'
  | 'timeout'
  | 'locked';

/** `message` is a sentence fit for a person and free of secrets; `cause` keeps what lay below. */
export class ControllerError extends Error {
  override readonly name = 'ControllerError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for the AbortError (or TimeoutError's elder sibling) that a stopped signal raises: an end, not a failure. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** The text of anything thrown, for a log field or an alarm. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Pure: the one place that turns anything thrown into an HTTP answer. What is not meant for a person never leaves.
import { ControllerError, type ErrorCode, isAbort } from '../errors.ts';

export type ErrorAnswer = {
  readonly status: number;
  readonly body: { readonly error: { readonly code: string; readonly message: string; readonly details?: readonly string[] } };
  /** Ours to mend, so the log gets the whole error. */
  readonly isFault: boolean;
};

const STATUS: Readonly<Record<ErrorCode, number>> = {
  config_invalid: 500,
  input_invalid: 400,
  unauthenticated: 401,
  denied: 403,
  not_found: 404,
  conflict: 409,
  too_many: 429,
  storage_failed: 503,
  upstream_unreachable: 502,
  upstream_refused: 502,
  upstream_failed: 502,
  timeout: 504,
  locked: 423,
};

/** Problems of an HTTP request itself, before any of our code ran. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ControllerError) {
    const status = STATUS[error.code];
    if (status === 500) return internal;
    const details = error.code === 'input_invalid' ? error.message.split('; ') : [];
    return answer(status, error.code, error.message, details.length > 1 ? details : []);
  }
  if (error instanceof RequestError) return answer(error.status, error.code, error.message);
  if (isAbort(error)) return answer(503, 'stopping', 'the request ended before its answer was ready');
  // What Koa itself refuses, e.g. a path with a broken escape.
  if (error instanceof URIError) return answer(400, 'input_invalid', 'the path is not valid');
  return internal;
}

function answer(status: number, code: string, message: string, details: readonly string[] = []): ErrorAnswer {
  return { status, body: { error: { code, message, ...(details.length > 0 ? { details } : {}) } }, isFault: false };
}

const internal: ErrorAnswer = {
  status: 500,
  body: { error: { code: 'internal', message: 'something went wrong in Headgate; its log has the reason' } },
  isFault: true,
};

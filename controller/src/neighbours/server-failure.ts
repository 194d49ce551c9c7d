// What kind of failure a thrown error is, for the health of a media server that is told, and for when it is asked again. Pure.
import { ControllerError } from '../errors.ts';

/** It says itself that it is starting. */
export class ServerStarting extends ControllerError {}

/** The proxy in front finds nothing. */
export class ServerGone extends ControllerError {}

/** `gone`: nothing listens there; dead, or between the two stages of a restart, which only time tells. */
export type FailureKind = 'starting' | 'gone' | 'unreachable' | 'refused' | 'failed';

const GONE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET']);

const isGone = (error: ControllerError): boolean => {
  const { cause } = error;
  return error instanceof ServerGone || (cause instanceof Error && 'code' in cause && GONE_CODES.has(String(cause.code)));
};

/** Which of these a thrown error is. */
export const failureKind = (error: unknown): FailureKind => {
  if (error instanceof ServerStarting) return 'starting';
  if (!(error instanceof ControllerError)) return 'failed';
  if (error.code === 'upstream_refused') return 'refused';
  if (error.code === 'timeout') return 'unreachable';
  if (error.code !== 'upstream_unreachable') return 'failed';
  return isGone(error) ? 'gone' : 'unreachable';
};

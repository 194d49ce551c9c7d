// Every way in which a Jellyfin does not answer as wanted, as one ControllerError each. No message ever holds the key.
import { ControllerError, isAbort } from '../errors.ts';

/** The start-up server of 10.11 and newer answers: 503, or names in camelCase. */
export class ServerStarting extends ControllerError {}

/** Nothing listens, or a proxy finds nothing: dead, or between the two stages of a restart. Only time tells. */
export class ServerGone extends ControllerError {}

/** What went wrong, for the health that is told. */
export type FailureKind = 'starting' | 'gone' | 'unreachable' | 'refused' | 'failed';

/** Which of these a thrown error is. */
export const failureKind = (error: unknown): FailureKind => {
  if (error instanceof ServerStarting) return 'starting';
  if (error instanceof ServerGone) return 'gone';
  if (!(error instanceof ControllerError)) return 'failed';
  if (error.code === 'upstream_refused') return 'refused';
  return error.code === 'upstream_unreachable' || error.code === 'timeout' ? 'unreachable' : 'failed';
};

const CERTIFICATE_CODES =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)$/;
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  EPROTO: 'it does not speak TLS there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP there',
};
const GONE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET']);
const TIMEOUT_CODES = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** The code of an error, or of the first thing below it that has one: Happy Eyeballs wraps refusals into an AggregateError without. */
export const codeOf = (error: unknown): string | null => {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return error.errors.map(codeOf).find((code) => code !== null) ?? null;
  return codeOf(error.cause);
};

/** Turns what undici, a TLS handshake or a timer threw into a sentence about `who`. Aborts pass as they are. */
export const transportFailure = (who: string, error: unknown): unknown => {
  if (isAbort(error) || error instanceof ControllerError) return error;
  const code = codeOf(error);
  const timedOut = (error instanceof Error && error.name === 'TimeoutError') || (code !== null && TIMEOUT_CODES.has(code));
  if (timedOut) return new ControllerError('timeout', `${who} does not answer in time`, { cause: error });
  if (code !== null && CERTIFICATE_CODES.test(code)) {
    const way = 'pin its SHA-256 fingerprint or name the CA file that signed it';
    return new ControllerError('upstream_unreachable', `${who} shows a certificate that is not trusted (${code}): ${way}`, {
      cause: error,
    });
  }
  const reason = REASONS[code ?? ''] ?? code ?? (error instanceof Error ? error.message : 'unknown error');
  const text = `${who} cannot be reached: ${reason}`;
  if (GONE_CODES.has(code ?? '')) return new ServerGone('upstream_unreachable', text, { cause: error });
  return new ControllerError('upstream_unreachable', text, { cause: error });
};

/** What an answer other than 2xx means. `doing` is e.g. "GET /Users". */
export const statusFailure = (who: string, doing: string, status: number): ControllerError => {
  const failed = (text: string) => new ControllerError('upstream_failed', `${who} ${text}`);
  if (status === 401) {
    const help = 'make one under Dashboard > API Keys and give it to Headgate';
    return new ControllerError('upstream_refused', `${who}: the API key is not accepted (401); ${help}`);
  }
  if (status === 403) return new ControllerError('denied', `${who} does not allow ${doing} (403)`);
  if (status === 404) return new ControllerError('not_found', `${who} knows nothing at ${doing} (404)`);
  if (status === 503) {
    const also = 'if this lasts, its Networking settings may refuse the address of this machine';
    return new ServerStarting('upstream_unreachable', `${who} is starting (503); ${also}`);
  }
  if (status === 502 || status === 504) {
    return new ServerGone('upstream_unreachable', `${who}: the proxy in front of it finds no server (${status})`);
  }
  if (status >= 300 && status < 400) return failed(`sends ${doing} elsewhere (${status}): use the address that it redirects to`);
  return failed(`answered ${doing} with ${status}`);
};

/** What a 200 is whose body does not fit. `detail` names the path inside the body. */
export const bodyFailure = (
  who: string,
  doing: string,
  found: { body: unknown; detail: string; cause?: unknown },
): ControllerError => {
  const { body } = found;
  // The start-up server of 10.11 and 12 says `serverName` where the real one says `ServerName`.
  if (typeof body === 'object' && body !== null && 'version' in body)
    return new ServerStarting('upstream_unreachable', `${who} is starting`);
  return new ControllerError('upstream_failed', `${who} answered ${doing} not as Jellyfin does: ${found.detail}`, {
    cause: found.cause,
  });
};

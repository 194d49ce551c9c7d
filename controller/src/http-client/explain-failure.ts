// What a failed connection means, in words for a person. Pure.
import { ControllerError } from '../errors.ts';

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections (is it running, is the port right?)',
  ENOTFOUND: 'has a host name that nobody knows',
  EAI_AGAIN: 'has a host name that could not be looked up just now',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  UND_ERR_SOCKET: 'closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'did not answer in time',
  ETIMEDOUT: 'did not answer in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a self-signed certificate; pin its fingerprint or give its CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate of an unknown authority; pin its fingerprint or give its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate of an unknown authority; pin its fingerprint or give its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'shows a certificate of an unknown authority; pin its fingerprint or give its CA',
  CERT_HAS_EXPIRED: 'shows a certificate that has run out',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS there (http instead of https?)',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS there (http instead of https?)',
};

/** Always a ControllerError, with what lay below as its cause. */
export const explainFailure = (name: string, error: unknown): ControllerError => {
  const code = errorCode(error);
  const timedOut = code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT';
  // Its code is that of the parser, or none.
  const isStrange = error instanceof Error && error.name === 'HTTPParserError';
  const sentence = sentences[code] ?? (isStrange ? 'does not speak HTTP there' : `cannot be reached (${code})`);
  return new ControllerError(timedOut ? 'timeout' : 'upstream_unreachable', `${name} ${sentence}`, { cause: error });
};

// Node wraps several addresses' failures (::1, then 127.0.0.1) into an AggregateError with the first one's code.
const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown failure';

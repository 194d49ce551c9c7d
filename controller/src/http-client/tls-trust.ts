// Whom to believe on the other end of a TLS connection: the system's authorities, one's own, or exactly one pinned certificate.
import { createHash, timingSafeEqual } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { ControllerError } from '../errors.ts';

export type TlsTrust = {
  /** PEM of an authority (or of the self-signed certificate itself) that is believed instead of the system's. */
  readonly ca?: string | undefined;
  /** SHA-256 of the one certificate that is believed, hex with or without colons. Names and dates are not looked at then: the pin says it all. */
  readonly fingerprint256?: string | undefined;
  /** False takes any certificate: whoever stands in between can then read the key. */
  readonly verify?: boolean | undefined;
};

/** @throws ControllerError config_invalid unless it is 64 hex digits. */
const parseFingerprint = (text: string): Buffer => {
  const hex = text.replaceAll(':', '').trim();
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw new ControllerError('config_invalid', 'a certificate fingerprint is 64 hex digits (SHA-256)');
  return Buffer.from(hex, 'hex');
};

/** undici's connector; with a pin it hands a socket on only after the certificate was compared, so no request byte reaches a stranger. */
export const openConnector = (name: string, trust: TlsTrust, timeoutMs: number): buildConnector.connector => {
  const pin = trust.fingerprint256 === undefined ? null : parseFingerprint(trust.fingerprint256);
  const connect = buildConnector({
    timeout: timeoutMs,
    // HTTP/2 would have one connection for all, and a slow answer would hold up the others.
    allowH2: false,
    // A resumed session need not show its certificate again; a pinned one always must.
    ...(pin === null ? {} : { maxCachedSessions: 0 }),
    ...(pin === null && trust.verify !== false ? {} : { rejectUnauthorized: false }),
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
  });
  if (pin === null) return connect;
  return (options, done) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) return done(error, null);
      if (options.protocol === 'https:' && !showsPinned(socket, pin)) {
        socket.destroy();
        return done(new ControllerError('upstream_unreachable', `${name} shows another certificate than the pinned one`), null);
      }
      return done(null, socket);
    });
};

const showsPinned = (socket: unknown, pin: Buffer): boolean => {
  if (!(socket instanceof TLSSocket)) return false;
  const { raw } = socket.getPeerCertificate();
  return raw !== undefined && timingSafeEqual(createHash('sha256').update(raw).digest(), pin);
};

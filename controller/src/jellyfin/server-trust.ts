// How the server is known over TLS: a pinned certificate, a CA of one's own, or the system's CAs. One connector for HTTP and for the WebSocket.
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { ControllerError } from '../errors.ts';

/** `fingerprint`: SHA-256 of the server's certificate in hex, colons or not. `ca`: PEM text. A fingerprint alone decides: neither chain nor name is looked at. */
export type ServerTrust = { readonly fingerprint?: string; readonly ca?: string };

const CONNECT_TIMEOUT_MS = 5000;

const normalised = (fingerprint: string): string => {
  const hex = fingerprint
    .replace(/^sha-?256[:/]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return hex;
  throw new ControllerError('config_invalid', 'A certificate fingerprint must be SHA-256: 64 hex digits, with or without colons');
};

const pinned = (connect: buildConnector.connector, wanted: string): buildConnector.connector => {
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error || !(socket instanceof TLSSocket)) return error ? callback(error, null) : callback(null, socket);
      const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '') ?? 'none';
      if (shown === wanted) return callback(null, socket);
      socket.destroy();
      // Both are public. Nothing has been sent yet: the key never reaches a stranger.
      const text = `The server shows certificate ${shown}, but ${wanted} is pinned`;
      callback(new ControllerError('upstream_unreachable', text), null);
    });
};

/**
 * Opens connections that are fit to carry the key.
 * @throws ControllerError config_invalid for a fingerprint that is none
 */
export const serverConnector = (trust: ServerTrust): buildConnector.connector => {
  const common = { timeout: CONNECT_TIMEOUT_MS, autoSelectFamily: true };
  if (trust.fingerprint !== undefined) {
    const wanted = normalised(trust.fingerprint);
    // No resumed sessions: each connection shows its certificate.
    return pinned(buildConnector({ ...common, rejectUnauthorized: false, maxCachedSessions: 0 }), wanted);
  }
  return buildConnector(trust.ca === undefined ? common : { ...common, ca: trust.ca });
};

// One TCP or TLS socket, checked before a byte is sent on it: by the system's CAs, by a CA of the home, or by a pinned certificate.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { AgentError } from './errors.ts';

export type TlsChoice = {
  /** PEM text of a CA of one's own. */
  readonly ca: string | undefined;
  /** SHA-256 of the certificate, hex, with or without colons; then nothing else is checked. */
  readonly pin: string | undefined;
};

export type SocketTarget = { readonly host: string; readonly port: number; readonly tls: TlsChoice | undefined };

/** Resolves with a socket that is connected and, with TLS, trusted. @throws AgentError `unreachable`, `refused` or `timeout` */
export function openSocket(target: SocketTarget, deadlineMs: number): Promise<Socket> {
  const { host, port, tls } = target;
  const where = `${host}:${port}`;
  return new Promise<Socket>((resolve, reject) => {
    const socket = tls === undefined ? connectTcp({ host, port, noDelay: true }) : secured(target, tls);
    const fail = (error: AgentError): void => {
      clearTimeout(late);
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const late = setTimeout(
      () => fail(new AgentError('timeout', `${where} did not answer in ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
    const onError = (cause: Error): void =>
      fail(new AgentError(isTrust(cause) ? 'refused' : 'unreachable', `${where}: ${cause.message}`, { cause }));
    socket.once('error', onError);
    socket.once('close', () => fail(new AgentError('unreachable', `${where} closed the connection`)));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      const pinned = tls?.pin === undefined ? undefined : plainHex(tls.pin);
      const shown = pinned === undefined ? '' : plainHex((socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? '');
      if (pinned !== undefined && shown !== pinned)
        return fail(new AgentError('refused', `${where} shows certificate ${shown}, which is not the pinned one`));
      clearTimeout(late);
      socket.removeAllListeners('close').removeListener('error', onError);
      resolve(socket);
    });
  });
}

function secured({ host, port }: SocketTarget, { ca, pin }: TlsChoice): TLSSocket {
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    // With a pin the certificate itself is the proof; a router's own is signed by nobody.
    rejectUnauthorized: pin === undefined,
  }).setNoDelay(true);
}

const plainHex = (pin: string): string =>
  pin
    .replace(/^sha256[:/]/i, '')
    .replaceAll(':', '')
    .toLowerCase();

/** OpenSSL's and Node's names for "that certificate is not to be trusted". */
const isTrust = (error: Error): boolean =>
  'code' in error && /CERT|SELF_SIGNED|SIGNATURE|ALTNAME|ERR_TLS/.test(String(error.code));

// One ssh connection to the router: host key pinned, password or key, no Nagle. ssh2 is loaded only where ssh is the way.
import { createHash } from 'node:crypto';
import type { Client, ClientErrorExtensions } from 'ssh2';
import { AgentError } from '../errors.ts';

export type SshTarget = {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string | undefined;
  /** Text of a private key file. */
  readonly privateKey: string | undefined;
  readonly passphrase: string | undefined;
  /** `SHA256:…` as ssh-keygen -l prints it; one per key type of the router. Empty: refuse, and say what the router shows. */
  readonly hostKeys: readonly string[];
};

/** A router that is off must be known within 10 s (features row 37). */
const CONNECT_MS = 9_000;
/** A silent loss is noticed by the deadline of the next answer; this one is for a connection that nobody asks anything. */
const KEEPALIVE_MS = 10_000;
/** Fixed order, so that the key type does not flip between connections. Old devices may hold an RSA key only. */
const HOST_KEY_TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] as const;

/** The fingerprint in the form of ssh-keygen: SHA256, base64 without padding. */
const fingerprintOf = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/**
 * Connects and logs in. Nothing secret is sent before the host key is known.
 * @throws AgentError `refused` (host key, password), `unreachable` or `timeout`
 */
export async function connectSsh(target: SshTarget): Promise<Client> {
  const ssh2 = await import('ssh2');
  const client = new ssh2.Client();
  let shown = '';
  try {
    await new Promise<void>((resolve, reject) => {
      // ssh2 tells a dead server by `close` alone, with no `error` (facts/openwrt.md §3).
      client.once('ready', resolve).once('error', reject);
      client.once('close', () => reject(new AgentError('unreachable', 'the router closed the connection')));
      client.connect({
        host: target.host,
        port: target.port,
        username: target.username,
        ...(target.password === undefined ? {} : { password: target.password }),
        ...(target.privateKey === undefined ? {} : { privateKey: target.privateKey }),
        ...(target.passphrase === undefined ? {} : { passphrase: target.passphrase }),
        readyTimeout: CONNECT_MS,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: 3,
        algorithms: { serverHostKey: [...HOST_KEY_TYPES] },
        // Without a verifier ssh2 accepts any key.
        hostVerifier: (key: Buffer) => {
          shown = fingerprintOf(key);
          return target.hostKeys.includes(shown);
        },
      });
    });
  } catch (error) {
    client.on('error', () => {});
    client.destroy();
    throw explain(error, target, shown);
  }
  // Later errors are always followed by `close`, and that is what is listened to.
  client.on('error', () => {});
  // Nagle and delayed ACK make 8 ms into 51 ms (facts/openwrt.md §0).
  client.setNoDelay(true);
  return client;
}

function explain(error: unknown, { host, port, username, hostKeys }: SshTarget, shown: string): AgentError {
  if (error instanceof AgentError) return error;
  const { level, message, code } = error as Partial<Error & ClientErrorExtensions & { code: string }>;
  const where = `${host}:${port}`;
  if (shown !== '' && !hostKeys.includes(shown))
    return new AgentError(
      'refused',
      hostKeys.length === 0
        ? `no router.host_key is configured; ${where} shows ${shown} - compare it on the router, then write it there`
        : `${where} shows host key ${shown}, which is not the pinned one`,
      { cause: error },
    );
  if (level === 'client-authentication')
    return new AgentError('refused', `${where} refused the login of ${username}`, { cause: error });
  if (level === 'client-timeout')
    return new AgentError('timeout', `${where} did not answer in ${CONNECT_MS / 1000} s`, { cause: error });
  if (level === undefined && code === undefined)
    return new AgentError('refused', `ssh to ${where}: ${message}`, { cause: error });
  return new AgentError('unreachable', `${where}: ${message ?? 'no connection'}`, { cause: error });
}

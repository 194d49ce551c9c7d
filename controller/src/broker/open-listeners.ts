// TCP and TLS listeners of the embedded broker: bounded connections, oversized packets cut, all sockets known.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Secret } from '../config/secret.ts';
import { ControllerError, messageOf } from '../errors.ts';
import { type ListenAt, listenAt } from '../listen-at.ts';
import type { BrokerLimits } from './broker-limits.ts';
import { createPacketLengthGuard } from './packet-length.ts';
import { createTokenBucket } from './token-bucket.ts';

/** PEM texts. */
export type ListenTls = { readonly listen: ListenAt; readonly certificate: string; readonly key: Secret };

export type Listeners = {
  readonly port: number;
  readonly tlsPort: number | null;
  /** Takes no more connections; those that stand go on. */
  stop(): void;
  /** Cuts what is still connected; resolves when every listener is closed. Call after the broker closed its clients. */
  closed(): Promise<void>;
};

export type ListenersDeps = {
  readonly listen: ListenAt;
  readonly tls: ListenTls | null;
  readonly limits: BrokerLimits;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly onSocket: (socket: Socket) => void;
};

/** @throws ControllerError config_invalid, naming `mqtt.listen` or `mqtt.tls`. */
export async function openListeners({ listen, tls, limits, clock, onSocket }: ListenersDeps): Promise<Listeners> {
  const sockets = new Set<Socket>();
  const bucket = createTokenBucket(limits.connectionsPerSecond);
  const isWelcome = (): boolean => sockets.size < limits.connections && bucket.tryTake(clock.monotonic());
  const admit = (socket: Socket): void => {
    // Before anything is read or decrypted, so that a flood of connections costs little.
    if (!isWelcome()) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const serve = (socket: Socket): void => {
    if (socket.destroyed) return;
    socket.setNoDelay(true);
    // For clients that ask for no MQTT keepalive: a dead one would stay for ever.
    socket.setKeepAlive(true, 60_000);
    cutOversized(socket, limits.packetBytes);
    onSocket(socket);
  };

  const servers: Server[] = [];
  const closings: Promise<unknown>[] = [];
  const stop = (): void => {
    closings.push(...servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  };
  const closed = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(closings);
  };
  try {
    servers.push(await listening(createServer().on('connection', admit).on('connection', serve), listen, 'mqtt.listen'));
    if (tls !== null) {
      const server = createSecureServer(tls, limits).on('connection', admit).on('secureConnection', serve);
      servers.push(await listening(server, tls.listen, 'mqtt.tls.listen'));
    }
  } catch (error) {
    stop();
    await closed();
    throw error;
  }
  const [port = 0, tlsPort = null] = servers.map(portOf);
  return { port, tlsPort, stop, closed };
}

function createSecureServer({ certificate, key }: ListenTls, limits: BrokerLimits): Server {
  const options = { cert: certificate, key: key.reveal(), minVersion: 'TLSv1.2', handshakeTimeout: limits.helloMs } as const;
  try {
    return createTlsServer(options).on('tlsClientError', (_error, socket) => socket.destroy());
  } catch (cause) {
    throw new ControllerError('config_invalid', `mqtt.tls: certificate and key cannot be used: ${messageOf(cause)}`, { cause });
  }
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

async function listening(server: Server, at: ListenAt, key: string): Promise<Server> {
  await listenAt(server, at).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EADDRINUSE' ? 'something else listens there (another MQTT broker?)' : messageOf(cause);
    throw new ControllerError('config_invalid', `${key}: cannot listen on ${at.host}:${at.port}: ${why}`, { cause });
  });
  return server;
}

/** aedes takes its bytes with `read()`, so that is where they are looked at. */
function cutOversized(socket: Socket, mostBytes: number): void {
  const isFine = createPacketLengthGuard(mostBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || isFine(chunk)) return chunk;
    socket.destroy(new Error(`MQTT packet over ${mostBytes} bytes`));
    return null;
  };
}

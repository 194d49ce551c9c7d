// An HDHomeRun tuner on a port of its own, for Plex and Emby, which know no playlist. It has no log-in: only the listed addresses are answered.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import { ControllerError, messageOf } from '../../errors.ts';
import { type ListenAt, listenAsConfigured } from '../../listen-at.ts';
import type { Log } from '../../log.ts';
import type { Channel } from '../channel.ts';
import type { Tune } from '../guide/livetv-answers.ts';
import { onAir } from '../guide/playlist-m3u.ts';
import { type Device, deviceXml, discoverJson, lineupJson, lineupStatusJson } from './device-documents.ts';

export type HdHomeRunDeps = {
  readonly listen: ListenAt;
  /** CIDR ranges, checked by the configuration. */
  readonly allowed: readonly string[];
  /** Its addresses in all documents begin with `baseUrl`: never with the Host header. Null: as this machine reaches it, for tests and players beside us. */
  readonly device: Omit<Device, 'baseUrl'> & { readonly baseUrl: string | null };
  readonly channels: () => readonly Channel[];
  readonly tune: Tune;
  readonly log: Log;
};

export type OpenHdHomeRun = AsyncDisposable & { readonly url: string };

const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000, maxHeaderSize: 16 * 1024 };
const MAX_CONNECTIONS = 200;

/** @throws ControllerError conflict where the port is taken, config_invalid where the address cannot be used */
export async function openHdHomeRun({ listen, allowed, device, channels, tune, log }: HdHomeRunDeps): Promise<OpenHdHomeRun> {
  const isAllowed = addressFilter(allowed);
  const server = createServer(LIMITS);
  server.maxConnections = MAX_CONNECTIONS;
  await listenAsConfigured(server, listen, 'channels.hdhomerun.listen');
  const { port, address } = server.address() as AddressInfo; // a TCP server's address is never a path
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const known: Device = { ...device, baseUrl: device.baseUrl ?? url };
  server.on('request', (request, response) => {
    if (!isAllowed(request.socket.remoteAddress ?? '')) return send(response, 403, 'text/plain', 'not for this address\n');
    answer(request, response, { device: known, channels, tune }).catch((error: unknown) => refuse(response, error, log));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

type Answering = Pick<HdHomeRunDeps, 'channels' | 'tune'> & { readonly device: Device };

async function answer(request: IncomingMessage, response: ServerResponse, { device, channels, tune }: Answering): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const { method = 'GET' } = request;
  if (method === 'POST' && path === '/lineup.post') return send(response, 200, 'text/plain', '');
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET\n');
  const json = (value: unknown): void => send(response, 200, 'application/json', JSON.stringify(value));
  if (path === '/discover.json') return json(discoverJson(device));
  if (path === '/lineup.json') return json(lineupJson(onAir(channels()), device.baseUrl));
  if (path === '/lineup_status.json') return json(lineupStatusJson);
  if (path === '/device.xml') return send(response, 200, 'application/xml; charset=utf-8', deviceXml(device));
  const channel = tuned(channels(), path);
  if (channel === undefined) throw new ControllerError('not_found', 'there is no such channel');
  if (!channel.enabled) throw new ControllerError('denied', 'this channel is switched off');
  await tune({
    channel,
    consumer: 'hdhomerun',
    tokenId: null,
    address: plainAddress(request.socket.remoteAddress ?? ''),
    userAgent: request.headers['user-agent'] ?? null,
    method: method === 'HEAD' ? 'HEAD' : 'GET',
    handOver: () => request.socket,
  });
}

/** `/auto/v100.1` as a real one has it, and `/stream/7.ts` as our line-up says. */
function tuned(channels: readonly Channel[], path: string): Channel | undefined {
  const number = /^\/auto\/v([\w.-]{1,32})$/.exec(path)?.[1];
  if (number !== undefined) return channels.find((channel) => channel.number === number);
  const id = /^\/stream\/([1-9]\d{0,14})\.ts$/.exec(path)?.[1];
  return id === undefined ? undefined : channels.find((channel) => channel.id === Number(id));
}

const STATUS: Readonly<Record<string, number>> = { not_found: 404, denied: 403, too_many: 503 };

function refuse(response: ServerResponse, error: unknown, log: Log): void {
  const status = error instanceof ControllerError ? (STATUS[error.code] ?? 503) : 500;
  if (status === 500) log.error({ error }, 'HDHomeRun request failed');
  // After a hand-over the connection is another's.
  if (response.headersSent || response.socket === null || response.socket.destroyed) return;
  send(response, status, 'text/plain', status === 500 ? 'failed\n' : `${messageOf(error)}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-cache' });
  response.end(body);
}

function addressFilter(allowed: readonly string[]): (address: string) => boolean {
  const ranges = new BlockList();
  for (const range of allowed) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    ranges.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (text) => {
    const address = plainAddress(text);
    return isIP(address) !== 0 && ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

// A small controller for tests: signed manifests with ETag, web seed with ranges, tokens, and what goes wrong with them. Real HTTP on loopback.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ManifestItem, signedText } from '@headgate/protocol';

export type Asked = { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] };
export type ShareServer = AsyncDisposable & {
  readonly url: string;
  readonly token: string;
  readonly publicKey: string;
  /** All requests so far. */
  readonly asked: Asked[];
  readonly countOf: (start: string) => number;
  /** The next version of a group, signed. */
  readonly publish: (group: string, items: readonly ManifestItem[], change?: Readonly<Record<string, unknown>>) => number;
  /** Any text as a manifest. */
  readonly publishRaw: (group: string, text: string) => void;
  /** Bytes of a web seed path such as `<info hash>/film.mkv`. Answers with its item. */
  readonly share: (path: string, bytes: Buffer, change?: Partial<ManifestItem>) => ManifestItem;
  /** Takes over a request: true where it has answered. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Bytes/s of each answer of the web seed; null: as fast as it goes. */
  bytesPerSecond: number | null;
};

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** As good as random for a test, the same for the same seed. */
export function bytesOf(size: number, seed = 'film'): Buffer {
  const bytes = Buffer.alloc(size);
  let block = createHash('sha256').update(seed).digest();
  for (let at = 0; at < size; at += 32) {
    block.copy(bytes, at);
    block = createHash('sha256').update(block).digest();
    if (at % 65_536 === 0 && at > 0 && size > 1_000_000) {
      // Large ones repeat with a mark, so that making them costs nothing.
      for (let next = at; next < size; next += at) {
        bytes.copyWithin(next, 0, Math.min(at, size - next));
        if (next + 4 <= size) bytes.writeUInt32LE(next, next);
      }
      break;
    }
  }
  return bytes;
}
const rawKey = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64');

export async function startShareServer({ token = 'hgn_test-token-of-a-node' }: { token?: string } = {}): Promise<ShareServer> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const manifests = new Map<string, string>();
  const files = new Map<string, Buffer>();
  const versions = new Map<string, number>();
  const asked: Asked[] = [];
  // Of a single file the name says nothing: an item may lie at any path.
  const found = (path: string): Buffer | undefined => {
    const own = [...files].filter(([name]) => name.startsWith(`${path.split('/')[0]}/`));
    return files.get(path) ?? (own.length === 1 ? own[0]?.[1] : undefined);
  };
  const server = createServer((request, response) => {
    // A tracker is asked with bytes that are no text.
    const path = decodeURIComponent(request.url?.split('?')[0] ?? '');
    asked.push({ method: request.method ?? '', path, headers: request.headers });
    if (shared.intercept(request, response)) return;
    if (token !== '' && request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    const group = /^\/manifest\/([^/]+)\.json$/.exec(path)?.[1];
    const text = group === undefined ? undefined : manifests.get(group);
    if (text !== undefined) return sendManifest(request, response, text);
    const bytes = path.startsWith('/web-seed/') ? found(path.slice('/web-seed/'.length)) : undefined;
    if (bytes === undefined) return void response.writeHead(404).end();
    void sendRange(request, response, bytes, shared.bytesPerSecond);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const shared: ShareServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    publicKey: rawKey(publicKey),
    asked,
    countOf: (start) => asked.filter(({ path }) => path.startsWith(start)).length,
    publish(group, items, change = {}) {
      const version = (versions.get(group) ?? 0) + 1;
      versions.set(group, version);
      manifests.set(
        group,
        JSON.stringify(signed({ group, version, issued_at: new Date().toISOString(), items, ...change }, privateKey)),
      );
      return version;
    },
    publishRaw: (group, text) => void manifests.set(group, text),
    share(path, bytes, change = {}) {
      files.set(path, bytes);
      const [hash = '', ...names] = path.split('/');
      return {
        title: names.at(-1) ?? '',
        torrent: `magnet:?xt=urn:btih:${hash}`,
        info_hash: hash,
        path: `Films/${names.join('/')}`,
        sha256: sha256Of(bytes),
        size: bytes.length,
        ...change,
      };
    },
    intercept: () => false,
    bytesPerSecond: null,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return shared;
}

/** A document with its signature by this key. */
export function signed(document: Readonly<Record<string, unknown>>, privateKey: KeyObject): Readonly<Record<string, unknown>> {
  const key = createPublicRaw(privateKey);
  const value = sign(null, Buffer.from(signedText(document)), privateKey).toString('base64');
  return { ...document, signature: { algorithm: 'ed25519', key, value } };
}

const createPublicRaw = (privateKey: KeyObject): string => {
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
};

function sendManifest(request: IncomingMessage, response: ServerResponse, text: string): void {
  const etag = `"${sha256Of(Buffer.from(text)).slice(0, 16)}"`;
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
  response.writeHead(200, { etag, 'content-type': 'application/json' }).end(text);
}

async function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  perSecond: number | null,
): Promise<void> {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const [from, to] = range === null ? [0, bytes.length - 1] : [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
  response.writeHead(range === null ? 200 : 206, {
    'content-length': String(to - from + 1),
    'accept-ranges': 'bytes',
    ...(range === null ? {} : { 'content-range': `bytes ${from}-${to}/${bytes.length}` }),
  });
  if (perSecond === null) return void response.end(bytes.subarray(from, to + 1));
  const step = Math.max(1, Math.round(perSecond / 50));
  for (let at = from; at <= to && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, Math.min(at + step, to + 1)));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  response.end();
}

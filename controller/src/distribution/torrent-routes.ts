// What is seeded, over HTTP: the .torrent file with the reader's own tracker address, and each file by ranges.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { type RequestFacts, type Route, rawBody, route } from '../http/route.ts';
import { byteRange } from './byte-range.ts';
import { type Gate, pacedStream } from './paced-stream.ts';
import type { Passkeys } from './passkeys.ts';
import type { Reader, Readers } from './readers.ts';
import type { Seed, SeedFile } from './seed.ts';
import type { SeedStore } from './seed-store.ts';
import type { SendGate } from './send-gate.ts';
import { fileOf, openSharedFile, streamOf } from './shared-file.ts';
import { announceQuery, NO_NODE } from './tracker-routes.ts';
import { withTracker } from './with-tracker.ts';

/** Bytes that went to another site; told while they go. */
export type SentAway = {
  readonly reader: string;
  readonly site: string | null;
  readonly address: string;
  readonly bytes: number;
};

export type TorrentRoutesDeps = {
  readonly seeds: Pick<SeedStore, 'byHash'>;
  readonly readers: Readers;
  readonly passkeys: Passkeys;
  /** Of this place. */
  readonly site: string;
  /** As others reach us, without a slash at the end; null: as they say themselves that they did. */
  readonly publicUrl: string | null;
  /** Whether an address is at this place. */
  readonly isHome: (address: string) => boolean;
  readonly sentAway: (sent: SentAway) => void;
  /** Through which everything goes to other sites. */
  readonly gate: Gate & Pick<SendGate, 'isClosed'>;
};

const tags = ['distribution'];
const hash = z.string().regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hexadecimal digits');
const HOST = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?$/;

export const torrentRoutes = (deps: TorrentRoutesDeps): readonly Route[] => [torrentFile(deps), webSeed(deps)];

/** Whoever may have none of its groups is not told that it is there. @throws ControllerError not_found, unauthenticated */
function sharedWith(
  { seeds, readers }: TorrentRoutesDeps,
  infoHash: string,
  asking: RequestFacts,
): { seed: Seed; reader: Reader } {
  const reader = readers.readerOf(asking);
  const seed = seeds.byHash(infoHash);
  const { groups } = reader;
  const isTheirs = groups === null || seed?.places.some(({ group }) => groups.includes(group)) === true;
  if (seed?.state !== 'active' || !isTheirs) throw new ControllerError('not_found', 'nothing of this info hash is shared');
  return { seed, reader };
}

const torrentFile = (deps: TorrentRoutesDeps): Route =>
  route({
    method: 'get',
    path: '/torrent/:hash.torrent',
    summary: 'The .torrent file of something that is seeded',
    description: 'Private; with the address of our tracker and a passkey of this reader and this torrent only.',
    tags,
    access: 'public',
    params: z.object({ hash }),
    response: rawBody,
    contentType: 'application/x-bittorrent',
    handler({ params, ...asking }) {
      const { seed, reader } = sharedWith(deps, params.hash, asking);
      asking.reply.header('Cache-Control', 'private, no-store');
      return withTracker(seed.content?.torrent ?? new Uint8Array(), announceOf(deps, params.hash, reader, asking)) ?? undefined;
    },
  });

function announceOf(
  { passkeys, publicUrl }: TorrentRoutesDeps,
  infoHash: string,
  reader: Reader,
  asking: RequestFacts,
): string | null {
  const host = asking.header('host') ?? '';
  const isPublic = publicUrl !== null && new URL(publicUrl).host === host;
  // Whoever reached us by another name than the public one reaches the tracker by it as well.
  const origin = isPublic ? publicUrl : HOST.test(host) ? `${asking.secure ? 'https' : 'http'}://${host}` : publicUrl;
  const node = reader.node ?? NO_NODE;
  return origin === null ? null : `${origin}/announce?${announceQuery(node, infoHash, passkeys.of(node, infoHash))}`;
}

const webSeed = (deps: TorrentRoutesDeps): Route =>
  route({
    method: 'get',
    path: '/web-seed/:hash/*path',
    summary: 'A file of something that is seeded',
    description:
      "`path` as in the item's `files`; of a single file its own name, or its name in the group. Ranges, If-Range and HEAD; the ETag is its SHA-256.",
    tags,
    access: 'public',
    params: z.object({ hash, path: z.union([z.string(), z.array(z.string()).transform((parts) => parts.join('/'))]) }),
    response: rawBody,
    contentType: 'application/octet-stream',
    async handler({ params, ...asking }) {
      const { seed, reader } = sharedWith(deps, params.hash, asking);
      const file = fileOf(seed, params.path);
      if (file === null) throw new ControllerError('not_found', 'it has no such file');
      return await answer(deps, { seed, file, reader }, asking);
    },
  });

type Wanted = { readonly seed: Seed; readonly file: SeedFile; readonly reader: Reader };

async function answer(
  deps: TorrentRoutesDeps,
  { seed, file, reader }: Wanted,
  asking: RequestFacts,
): Promise<Readable | undefined> {
  const { reply, header, method, address } = asking;
  const etag = `"${file.sha256}"`;
  reply.header('ETag', etag);
  reply.header('Accept-Ranges', 'bytes');
  reply.header('Cache-Control', 'private, no-cache');
  if (header('if-none-match') === etag) {
    reply.status(304);
    return undefined;
  }
  const ifRange = header('if-range');
  const range = ifRange === null || ifRange === etag ? byteRange(header('range'), file.size) : 'whole';
  if (range === 'none') {
    reply.header('Content-Range', `bytes */${file.size}`);
    reply.status(416);
    return undefined;
  }
  const isAway = !deps.isHome(address) || (reader.site !== null && reader.site !== deps.site);
  if (isAway && deps.gate.isClosed())
    throw new ControllerError('too_many', 'nothing is sent to other sites while somebody watches: ask again later');
  const handle = await openSharedFile(seed, file);
  const { from, to } = range === 'whole' ? { from: 0, to: file.size - 1 } : range;
  if (range !== 'whole') reply.header('Content-Range', `bytes ${from}-${to}/${file.size}`);
  reply.status(range === 'whole' ? 200 : 206);
  reply.header('Content-Length', String(to - from + 1));
  if (method === 'HEAD' || to < from) {
    await handle.close();
    return Readable.from([]);
  }
  const stream = streamOf(handle, { from, to }, (bytes) => {
    if (isAway) deps.sentAway({ reader: reader.name, site: reader.site, address, bytes });
  });
  return isAway ? pacedStream(stream, deps.gate, reader.node ?? `${reader.name} ${address}`) : stream;
}

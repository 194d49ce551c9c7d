// The tracker over HTTP (BEP 3, 7 and 23), for torrents that are seeded here and for those who may have them.
import { isIP } from 'node:net';
import { encodeBencode } from '@headgate/protocol/bencode';
import { z } from 'zod';
import { type Route, rawBody, route } from '../http/route.ts';
import type { NodeTokens } from './node-tokens.ts';
import type { Passkeys } from './passkeys.ts';
import type { SeedStore } from './seed-store.ts';
import { INTERVAL_S, LONELY_INTERVAL_S, MAX_WANTED, type Swarm, type Tracker } from './tracker.ts';

export type TrackerRoutesDeps = {
  readonly tracker: Tracker;
  readonly seeds: Pick<SeedStore, 'byHash'>;
  readonly tokens: Pick<NodeTokens, 'get'>;
  readonly passkeys: Passkeys;
  /** Of this place: where those are who need no token. */
  readonly site: string;
};

/** In a passkey's place of a node's name, for whoever reads without a node's token. No node can be called so. */
export const NO_NODE = '~reader';

/** What comes before the client's own part. `hash`: its `info_hash` is bytes that are no text. */
export const announceQuery = (node: string, infoHash: string, passkey: string): string =>
  `node=${encodeURIComponent(node)}&hash=${infoHash}&key=${passkey}`;

const number = (to: number) => z.coerce.number().int().min(0).max(to);
const query = z.object({
  node: z.string().max(64),
  hash: z.string().regex(/^[0-9a-f]{40}$/),
  key: z.string().max(64),
  port: number(65_535).refine((port) => port > 0),
  left: number(Number.MAX_SAFE_INTEGER).catch(0),
  event: z.string().max(20).catch(''),
  numwant: number(1_000_000).catch(50),
  compact: z.string().max(5).catch('1'),
});

export const trackerRoutes = (deps: TrackerRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/announce',
    summary: 'The tracker of the torrents that are seeded here',
    description: 'Its address, with a passkey, stands in each .torrent file. Answers in bencoding, also where it refuses.',
    tags: ['distribution'],
    access: 'public',
    query: z.record(z.string(), z.unknown()),
    response: rawBody,
    contentType: 'text/plain; charset=utf-8',
    handler({ query: given, address, reply }) {
      reply.header('Cache-Control', 'no-store');
      const parsed = query.safeParse(given);
      if (!parsed.success) return refusal(`${parsed.error.issues[0]?.path.join('.') ?? 'query'} is missing or wrong`);
      const { node, hash, key, port, left, event, numwant, compact } = parsed.data;
      if (!deps.passkeys.isRight(key, node, hash)) return refusal('the passkey is not right');
      const site = siteOf(deps, node, hash);
      if (site === null) return refusal('this torrent is not shared');
      const swarm = deps.tracker.announce({
        ...{ infoHash: hash, address, port, site, left },
        isStopped: event === 'stopped',
        wanted: Math.min(numwant, MAX_WANTED),
      });
      const interval = left > 0 && swarm.peers.length === 0 ? LONELY_INTERVAL_S : INTERVAL_S;
      return answer(swarm, interval, compact !== '0');
    },
  }),
];

/** Null where the torrent is none of ours, or the node may not have it any more. */
function siteOf({ seeds, tokens, site }: TrackerRoutesDeps, node: string, infoHash: string): string | null {
  const seed = seeds.byHash(infoHash);
  if (seed === null || seed.state !== 'active') return null;
  if (node === NO_NODE) return site;
  const known = tokens.get(node);
  return known !== null && seed.places.some(({ group }) => known.groups.includes(group)) ? known.site : null;
}

const refusal = (reason: string): Uint8Array => encodeBencode({ 'failure reason': reason });

function answer({ peers, complete, incomplete }: Swarm, interval: number, isCompact: boolean): Uint8Array {
  const head = { complete, incomplete, interval, 'min interval': 10 };
  if (!isCompact) return encodeBencode({ ...head, peers: peers.map(({ address, port }) => ({ ip: address, port })) });
  const of = (family: 4 | 6): Uint8Array =>
    Buffer.concat(peers.filter(({ address }) => isIP(address) === family).map(({ address, port }) => compactPeer(address, port)));
  return encodeBencode({ ...head, peers: of(4), peers6: of(6) });
}

function compactPeer(address: string, port: number): Uint8Array {
  const ending = [port >> 8, port & 0xff];
  if (isIP(address) === 4) return Buffer.from([...address.split('.').map(Number), ...ending]);
  const [head = '', tail = ''] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16)));
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
  return Buffer.from([...all.flatMap((one) => [one >> 8, one & 0xff]), ...ending]);
}

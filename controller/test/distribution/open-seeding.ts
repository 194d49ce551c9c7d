// Seeding on a real database and real files; hashing as the torrent process does it, seeding only noted.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TorrentEngine, TorrentOrder } from '@headgate/agent-node/torrent-engine';
import type { Test } from 'tap';
import { hashFiles } from '../../../agent-node/src/torrent/hash-files.ts';
import { systemClock } from '../../src/clock.ts';
import { manifestRoutes } from '../../src/distribution/manifest-routes.ts';
import { createPasskeys } from '../../src/distribution/passkeys.ts';
import { seedRoutes } from '../../src/distribution/seed-routes.ts';
import { openSeedStore } from '../../src/distribution/seed-store.ts';
import { createSeeding, type SeedingEvent } from '../../src/distribution/seeding.ts';
import { createSendGate } from '../../src/distribution/send-gate.ts';
import { type SentAway, torrentRoutes } from '../../src/distribution/torrent-routes.ts';
import { createTracker, type TrackerDeps } from '../../src/distribution/tracker.ts';
import { trackerRoutes } from '../../src/distribution/tracker-routes.ts';
import { silentLog } from '../../src/log.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { type Options, openParts, SEED } from './open-distribution.ts';

export type SeedingOptions = Options & {
  readonly roots?: readonly string[];
  readonly engine?: Partial<TorrentEngine>;
  readonly tracker?: Partial<TrackerDeps>;
  readonly groups?: readonly string[];
  readonly isHome?: (address: string) => boolean;
};

export async function openSeeding(t: Test, options: SeedingOptions = {}) {
  const parts = await openParts(t, options);
  const library = join(parts.folder, 'library');
  await mkdir(library, { recursive: true });
  const orders = new Map<string, TorrentOrder>();
  const hashes: string[] = [];
  const engine = {
    hash: async (path: string, hashOptions, progress, signal) => {
      hashes.push(path);
      return await hashFiles(path, hashOptions, progress, signal);
    },
    add: async (order) => void orders.set(order.infoHash, order),
    remove: async (hash) => void orders.delete(hash),
    ...options.engine,
  } as Pick<TorrentEngine, 'hash' | 'add' | 'remove'>;
  const seeds = await openSeedStore(parts.db);
  const events: SeedingEvent[] = [];
  const roots = options.roots ?? [library];
  let ids = 0;
  const newId = (): string => `${Date.now()}-${++ids}`;
  const seeding = createSeeding({
    ...{ seeds, manifests: parts.manifests, engine, roots, newId, tell: (event) => events.push(event) },
    ...{ clock: systemClock, log: silentLog },
  });
  const running = new AbortController();
  const runs = seeding.run(running.signal);
  const stop = async (): Promise<void> => {
    running.abort();
    await runs;
  };
  t.teardown(stop);
  const passkeys = createPasskeys(SEED);
  const sent: SentAway[] = [];
  const gate = createSendGate(systemClock);
  const { readers, tokens, manifests } = parts;
  const tracker = createTracker({
    site: 'home',
    publicAddress: null,
    seederOf: () => null,
    now: parts.clock.monotonic,
    ...options.tracker,
  });
  const routes = [
    ...manifestRoutes({ manifests, readers, groups: options.groups ?? null, publicKey: parts.signer.key }),
    ...seedRoutes({
      ...{ seeding, seeds, torrents: () => [], defaultGroup: 'family', groups: options.groups ?? null, waitSeedMs: 20_000 },
    }),
    ...torrentRoutes({
      ...{ seeds, readers, passkeys, site: 'home', publicUrl: null, isHome: options.isHome ?? (() => true) },
      sentAway: (one) => sent.push(one),
      gate,
    }),
    ...trackerRoutes({ tracker, seeds, tokens, passkeys, site: 'home' }),
  ];
  const { auth, url } = await serve(t, { routes });
  const admin = await bearer(auth, 'write');
  const get = (path: string, headers: Record<string, string> = admin) => call(`${url}${path}`, { headers });
  const seed = (body: Record<string, unknown>, wait = true) =>
    call(`${url}/seed${wait ? '?wait=1' : ''}`, { method: 'POST', body, headers: admin });
  const put = async (path: string, content: string | Uint8Array): Promise<string> => {
    const place = join(library, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content);
    return place;
  };
  const tokenOf = async (node: string, groups: string[], site = 'home'): Promise<Record<string, string>> => ({
    authorization: `Bearer ${(await tokens.add({ node, site, groups })).token}`,
  });
  const restart = async (): Promise<void> => {
    await stop();
    await parts.close();
  };
  return { ...parts, gate, library, seeds, seeding, orders, hashes, events, sent, url, admin, get, seed, put, tokenOf, restart };
}

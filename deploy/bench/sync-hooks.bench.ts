// Hooks taken and brought to another server: how many a second, and how long one takes. Held against jellyfin-db-sync 0.0.8 (facts/sync.md §1.5, measured).
import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { tenth } from './figures.ts';
import { freshBuild } from './fresh-build.ts';
import { sendHooks } from './hook-load.ts';
import { p95 } from './p95.ts';
import { type BenchServer, type SyncServers, startSyncServers } from './sync-servers.ts';

const name = 'sync-hooks';
/** So many that the program is warm: after a start, compilers take a quarter of the machine for seconds. */
const FILMS = 6_000;
/** The last ones are looked at one by one. */
const LIKED = 40;
const HOOKS = 10_000;
/** Of so many films. */
const HOOKED = 2_000;
const WITHIN_MS = 60_000;
const PEER = { accept: 47, acceptP99: 786, deliver: 19.4, latency: 2_500 };

export const bench: Bench = {
  name,
  async lines() {
    await using build = await freshBuild();
    await using servers = await startSyncServers({ bundles: build.folder, films: FILMS + LIKED });
    const latency = await latencyLine(servers);
    const delivered = await deliveryLine(servers);
    return [...(await intakeLines(servers)), delivered, latency];
  },
};

/** Positions that go on; payloads without a path, as the plugin sends them. */
async function intakeLines(servers: SyncServers): Promise<readonly BenchLine[]> {
  const { ms, taken, refused, p99Ms } = await sendHooks(servers, { hooks: HOOKS, films: HOOKED });
  const baseline = (value: number) => ({ name: 'jellyfin-db-sync, the same', value });
  return [
    judge(
      {
        name,
        line: `hooks without a path taken, durable, 16 at once, ${HOOKS}`,
        value: tenth((taken * 1_000) / ms),
        unit: '1/s',
        baseline: baseline(PEER.accept),
      },
      { atLeast: 2_000 },
    ),
    judge(
      { name, line: 'the same: wait of a sender, p99', value: tenth(p99Ms), unit: 'ms', baseline: baseline(PEER.acceptP99) },
      { atMost: 20 },
    ),
    judge({ name, line: 'the same: refused', value: refused, unit: 'hooks' }, { atMost: 0 }),
  ];
}

/** What waits for a server is brought to it: paused until all of it is known, so that this is the bringing alone. */
async function deliveryLine(servers: SyncServers): Promise<BenchLine> {
  const { api, target } = servers;
  await api.call('POST', '/api/sync/pause');
  await likeAll(servers.source);
  await until('all of it waits', async () => (await pendingOf(servers)) >= FILMS);
  const from = performance.now();
  await api.call('POST', '/api/sync/resume');
  await until('all of it was brought', async () => (await pendingOf(servers)) === 0);
  const value = tenth((FILMS * 1_000) / (performance.now() - from));
  const there = await favouritesOf(target);
  if (there !== FILMS) throw new Error(`${there} of ${FILMS} favourites are there`);
  const baseline = { name: 'jellyfin-db-sync', value: PEER.deliver };
  return judge({ name, line: `favourites brought to another server, ${FILMS}`, value, unit: '1/s', baseline }, { atLeast: 500 });
}

const pendingOf = async ({ api }: SyncServers): Promise<number> =>
  (await api.get<{ readonly pending_events: number }>('/api/queue')).pending_events;

/** True ones: what is said and is not so is found out when things are compared. */
async function likeAll({ jellyfin, itemIds, userId }: BenchServer): Promise<void> {
  const headers = { authorization: `MediaBrowser Token="${jellyfin.apiKey}"` };
  const waiting = itemIds.slice(0, FILMS);
  const one = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      await fetch(`${jellyfin.url}/UserFavoriteItems/${id}?userId=${userId}`, { method: 'POST', headers });
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); !(await isSo()); await wait(50))
    if (performance.now() - from > WITHIN_MS) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
}

async function favouritesOf({ userId, get }: BenchServer): Promise<number> {
  const path = `/Items?userId=${userId}&recursive=true&includeItemTypes=Movie&isFavorite=true&limit=1&enableTotalRecordCount=true`;
  return (await get<{ readonly TotalRecordCount: number }>(path)).TotalRecordCount;
}

/** Somebody's like on one server until the other one has it, nothing else going on. */
async function latencyLine({ source, target }: SyncServers): Promise<BenchLine> {
  const headers = { authorization: `MediaBrowser Token="${source.jellyfin.apiKey}"` };
  const times: number[] = [];
  for (let n = 0; n < LIKED; n += 1) {
    await wait(100);
    const from = performance.now();
    await fetch(`${source.jellyfin.url}/UserItems/${source.itemIds[FILMS + n]}/Rating?userId=${source.userId}&likes=true`, {
      method: 'POST',
      headers,
    });
    const path = `/UserItems/${target.itemIds[FILMS + n]}/UserData?userId=${target.userId}`;
    while ((await target.get<{ readonly Likes?: boolean }>(path)).Likes !== true) {
      if (performance.now() - from > WITHIN_MS) throw new Error('a like did not arrive');
      await wait(2);
    }
    times.push(performance.now() - from);
  }
  const baseline = { name: 'jellyfin-db-sync, mean of its polls', value: PEER.latency };
  return judge(
    {
      name,
      line: `a like on one server until it stands on the other, p95 of ${LIKED}`,
      value: tenth(p95(times)),
      unit: 'ms',
      baseline,
    },
    { atMost: 150 },
  );
}

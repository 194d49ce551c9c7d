// Fifty thousand states on each of two servers, none differing: what it takes to find that out, and that nothing is written.
import { type Bench, judge } from './bench-line.ts';
import { tenth } from './figures.ts';
import { freshBuild } from './fresh-build.ts';
import { type SyncServers, startSyncServers } from './sync-servers.ts';

const name = 'sync-compare';
const FILMS = 50_000;

export const bench: Bench = {
  name,
  async lines() {
    await using build = await freshBuild();
    await using servers = await startSyncServers({
      ...{ bundles: build.folder, films: FILMS },
      watched: (film) => ({ played: true, playCount: 1 + (film % 3), lastPlayedDate: '2026-01-02T03:04:05.0000000Z' }),
    });
    const before = await writtenBy(servers);
    const from = performance.now();
    const differing = await compareAll(servers);
    const value = tenth((performance.now() - from) / 1_000);
    return [
      judge({ name, line: `comparing ${FILMS} states on each of two servers`, value, unit: 's' }, { atMost: 30 }),
      judge({ name, line: 'the same: states that differ', value: differing, unit: 'states' }, { atMost: 0 }),
      judge({ name, line: 'the same: writes', value: (await writtenBy(servers)) - before, unit: 'writes' }, { atMost: 0 }),
      judge({ name, line: 'writes of the first meeting, all being equal', value: before, unit: 'writes' }, { atMost: 0 }),
    ];
  },
};

type Compared = {
  readonly servers: readonly { readonly state: string; readonly differing: number | null; readonly problem: string | null }[];
};

async function compareAll({ api, source, target }: SyncServers): Promise<number> {
  const found = await Promise.all([source, target].map(({ name: server }) => compareOne(api, server)));
  return found.reduce((sum, one) => sum + one, 0);
}

/** Each asking waits for five seconds, and joins what runs. */
async function compareOne(api: SyncServers['api'], server: string): Promise<number> {
  for (;;) {
    const { status, text, body } = await api.call('POST', '/api/sync/compare', { server, full: true });
    if (status !== 200) throw new Error(`compare: ${status} ${text}`);
    const [one] = (body as Compared).servers;
    if (one?.state === 'failed') throw new Error(`compare: ${one.problem}`);
    if (one?.state === 'done') return one.differing ?? 0;
  }
}

const writtenBy = async ({ api }: SyncServers): Promise<number> =>
  (await api.get<{ readonly total: number }>('/api/sync-log?limit=1')).total;

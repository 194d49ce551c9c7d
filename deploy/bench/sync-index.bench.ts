// A hundred thousand items on each of two servers: how long it takes to know them all, and what that costs in memory.
import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, judge } from './bench-line.ts';
import { tenth } from './figures.ts';
import { freshBuild } from './fresh-build.ts';
import { residentMb } from './process-figures.ts';
import { startSyncServers } from './sync-servers.ts';

const name = 'sync-index';
const FILMS = 100_000;
const FEW = 10;
/** Until what was needed on the way is given back. */
const SETTLES_MS = 20_000;

export const bench: Bench = {
  name,
  async lines() {
    await using build = await freshBuild();
    const few = await measured(build.folder, FEW);
    const many = await measured(build.folder, FILMS);
    const baseline = { name: `the same with ${FEW}`, value: few.mb };
    return [
      judge(
        {
          name,
          line: `two servers of ${FILMS} items each, from the start until every item is known and every user compared`,
          value: tenth(many.s),
          unit: 's',
        },
        { atMost: 60 },
      ),
      judge(
        {
          name,
          line: 'what that adds to the controller’s memory, for both',
          value: tenth(many.mb - few.mb),
          unit: 'MB',
          baseline,
        },
        { atMost: 300 },
      ),
    ];
  },
};

async function measured(bundles: string, films: number): Promise<{ readonly s: number; readonly mb: number }> {
  await using servers = await startSyncServers({ bundles, films });
  const s = servers.comparedMs / 1_000;
  await wait(SETTLES_MS);
  return { s, mb: residentMb(servers.controller.pid ?? 0) };
}

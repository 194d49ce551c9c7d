// SIGKILL of the controller at random moments: does the next start, switched off, give every user and torrent client back what they had?

import { freshSeed } from '../../controller/test/fixtures/seeded-random.ts';
import { killAtMoments } from '../test/end-to-end/fixtures/kill-moments.ts';
import { type Bench, judge } from './bench-line.ts';
import { freshBuild } from './fresh-build.ts';

const name = 'restore';
const KILLS = 50;
const LATEST_MS = 10_000;

export const bench: Bench = {
  name,
  async lines() {
    await using built = await freshBuild();
    const seed = freshSeed();
    process.stderr.write(`${name}: seed ${seed}\n`);
    const report = await killAtMoments({ kills: KILLS, seed, latestMs: LATEST_MS, bundles: built.folder });
    for (const line of report.wrong) process.stderr.write(`${line}\n`);
    const line = `kills, starting or running up to ${LATEST_MS / 1000} s, after which all is as before (seed ${seed}; ${report.whileCapped} while limits stood)`;
    return [judge({ name, line, value: report.kills - report.wrong.length, unit: `of ${KILLS}` }, { atLeast: KILLS })];
  },
};

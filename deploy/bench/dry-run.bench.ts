// A day of a dry run against simulators: nothing may change at any neighbour, and what is decided is what would have been done.
import { setTimeout as wait } from 'node:timers/promises';
import { freshSeed, pick, seededRandom } from '../../controller/test/fixtures/seeded-random.ts';
import { openRoughHome, PEOPLE, type RoughHome } from '../test/random-days/fixtures/rough-home.ts';
import { type Bench, judge } from './bench-line.ts';
import { rehearsedDecisions } from './rehearsed-decisions.ts';

const name = 'dry-run';
const DAY_MS = 24 * 3_600_000;
/** A day in two minutes. */
const FACTOR = 720;
/** Without dry run an hour of it is enough to see that these requests would have been seen. */
const HOUR_MS = 3_600_000;

export const bench: Bench = {
  name,
  async lines() {
    const seed = freshSeed();
    const rehearsed = await spendTime({ seed, dryRun: true, forMs: DAY_MS });
    const real = await spendTime({ seed, dryRun: false, forMs: HOUR_MS });
    const { differing, recorded } = await rehearsedDecisions(seed);
    const day = `(seed ${seed}: ${rehearsed.starts} starts, ${rehearsed.decisions} changed decisions)`;
    return [
      judge(
        { name, line: `changing requests in a simulated day ${day}`, value: rehearsed.changing, unit: 'requests' },
        { atMost: 0 },
      ),
      judge(
        { name, line: 'decisions with a cap or a torrent limit in that day', value: rehearsed.acting, unit: 'decisions' },
        { atLeast: 10 },
      ),
      judge(
        { name, line: 'changing requests in an hour that is no rehearsal', value: real.changing, unit: 'requests' },
        { atLeast: 10 },
      ),
      judge(
        { name, line: `of ${recorded} records of a day's decisions, not as without dry run`, value: differing, unit: 'records' },
        { atMost: 0 },
      ),
    ];
  },
};

type Spent = { readonly changing: number; readonly starts: number; readonly decisions: number; readonly acting: number };

async function spendTime({ seed, dryRun, forMs }: { seed: number; dryRun: boolean; forMs: number }): Promise<Spent> {
  await using home = await openRoughHome({ factor: FACTOR, settings: { dryRun } });
  await home.start();
  const headgate = home.headgate();
  if (headgate === null) throw new Error('Headgate does not run');
  let [decisions, acting, changing] = [0, 0, 0];
  headgate.onDecision(() => {
    const { decision } = headgate.status();
    decisions += 1;
    if (decision?.viewers.some(({ capBps }) => capBps !== null) || decision?.torrents.some(({ capBps }) => capBps !== null))
      acting += 1;
  });
  const count = (): void => {
    changing += changingRequests(home);
  };
  const counting = setInterval(count, 500);
  const starts = await family(home, seededRandom(seed), home.clock.monotonic() + forMs);
  // Also what a stop would put back.
  if (dryRun) await home.stop();
  clearInterval(counting);
  count();
  return { changing, starts, decisions, acting };
}

/** All that is no reading and no log-in, but of the viewers themselves. Forgets what it counted. */
function changingRequests({ main, attic, torrents }: RoughHome): number {
  const jellyfin = [main, attic].flatMap((server) => {
    const requests = server.requests().filter(({ changing, by }) => changing && by !== 'viewer' && by !== 'socket');
    server.forgetRequests();
    return requests;
  });
  const torrent = torrents.requests().filter(({ method, path }) => method !== 'GET' && path !== 'auth/login');
  torrents.clearRequests();
  return jellyfin.length + torrent.length;
}

/** Somebody starts a film from outside, watches for some minutes up to two hours, and goes. */
async function family({ main, clock, line }: RoughHome, random: () => number, until: number): Promise<number> {
  const films = main.items
    .filter(({ name: film }) => ['The Weir', 'Upstream', 'Big Test Movie'].includes(film))
    .map(({ id }) => id);
  const idle = PEOPLE.map(({ name: user }) => main.viewer({ user, device: `${user}'s screen` }));
  const watching: Promise<void>[] = [];
  const minutes = (count: number): Promise<void> => wait((count * 60_000) / FACTOR);
  let starts = 0;
  while (clock.monotonic() < until) {
    const viewer = idle.shift();
    if (viewer !== undefined) {
      starts += 1;
      const film = pick(random, films);
      const length = random() * 120;
      watching.push(
        (async () => {
          await viewer.play(film).catch(() => {});
          await minutes(length);
          await viewer.leave();
          idle.push(viewer);
        })(),
      );
    }
    line.setOther(random() * 6_000_000);
    await minutes(random() * 30);
  }
  await Promise.all(watching);
  return starts;
}

// The controller as it is shipped, one bundle, in a simulated home: start, memory, event loop and disk; and what one decision costs.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type HomeOptions, type SimulatedHome, startSimulatedHome } from '../demo/simulated-home.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { decisionTimes } from './decision-times.ts';
import { ended } from './ended.ts';
import { freshBuild } from './fresh-build.ts';
import { p95 } from './p95.ts';
import { residentMb } from './process-figures.ts';
import { askWatched, WATCH } from './watched-process.ts';

const name = 'controller';
const STARTS = 7;
const IDLE_MS = 10_000;
const DISK_S = 60;
const EVENING_MS = 45_000;

const PEOPLE = [{ name: 'anna' }, { name: 'ben', limitBps: 8_000_000 }, { name: 'cleo' }];
const HOME: HomeOptions = { upKbit: 20_000, jellyfin: { users: PEOPLE, userCount: 10 } };

export const bench: Bench = {
  name,
  async lines() {
    await using built = await freshBuild();
    const options = { ...HOME, bundles: built.folder };
    return [await decisionLine(), ...(await plainLines(options)), ...(await watchedLines(options))];
  },
};

async function decisionLine(): Promise<BenchLine> {
  const times = await decisionTimes();
  const value = p95(times);
  const line = `gathering and deciding over 200 sessions, 3 servers, 100 users, 4 clients, p95 of ${times.length}`;
  return judge({ name, line, value: round(value), unit: 'ms' }, { atMost: 5 });
}

/** From the start of the process to its line that says that all of it runs; and its memory beside a Node that does nothing. */
async function plainLines(options: HomeOptions): Promise<readonly BenchLine[]> {
  await using home = await startSimulatedHome(options);
  const times: number[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    const from = performance.now();
    await home.controller.start();
    times.push(performance.now() - from);
    await home.controller.stop();
  }
  const median = Math.round(times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? Number.NaN);
  await using stack = new AsyncDisposableStack();
  const bare = stack.adopt(idleNode([]), ended);
  await home.start();
  await wait(IDLE_MS);
  const [ours, bareMb] = [residentMb(home.controller.pid ?? 0), residentMb(bare.pid ?? 0)];
  const line = `memory above a bare Node, ${IDLE_MS / 1000} s after the start`;
  const baseline = { name: `bare Node ${process.version}, RSS`, value: round(bareMb) };
  return [
    judge({ name, line: `process start to "Headgate runs", median of ${STARTS}`, value: median, unit: 'ms' }, { atMost: 700 }),
    judge({ name, line, value: round(ours - bareMb), unit: 'MB', baseline }, { atMost: 100 }),
  ];
}

/** What is counted inside of the process. */
async function watchedLines(options: HomeOptions): Promise<readonly BenchLine[]> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await startSimulatedHome({ ...options, controllerFlags: WATCH }));
  const idle = stack.adopt(idleNode(WATCH), ended);
  await home.start();
  const [pid = 0, idlePid = 0] = [home.controller.pid, idle.pid];
  await wait(IDLE_MS);
  await askWatched(pid);
  await wait(DISK_S * 1000);
  const { syncs } = await askWatched(pid);
  await askWatched(idlePid);
  await playEvening(home);
  const [stalls, nothing] = [await askWatched(pid), await askWatched(idlePid)];
  const line = `event-loop stall while people watch, p99.9 of ${stalls.ticks} (worst ${round(stalls.worstMs)} ms)`;
  const baseline = { name: 'idle Node', value: round(nothing.stallMs) };
  return [
    judge(
      { name, line: `syncs of an idle home in ${DISK_S} s, agent at 1 Hz`, value: syncs, unit: 'syncs' },
      { atMost: DISK_S / 10 },
    ),
    judge({ name, line, value: round(stalls.stallMs), unit: 'ms', baseline }, { atMost: 25 }),
  ];
}

const idleNode = (flags: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...flags, '-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

/** Three people come, pause, seek and go. */
async function playEvening({ jellyfin }: SimulatedHome): Promise<void> {
  const item = jellyfin.items.find(({ name: film }) => film === 'Big Test Movie')?.id ?? '';
  for (const end = performance.now() + EVENING_MS; performance.now() < end; ) {
    const viewers = PEOPLE.map(({ name: user }) => jellyfin.viewer({ user, device: `${user}'s screen` }));
    for (const viewer of viewers) {
      await viewer.play(item);
      await wait(1_000);
    }
    await viewers[0]?.pause();
    await viewers[1]?.seek(600_000);
    await wait(2_000);
    for (const viewer of viewers) await viewer.leave();
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;

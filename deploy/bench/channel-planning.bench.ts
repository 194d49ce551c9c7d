// Planning a hundred channels out of 20,000 items on a real database: how long it takes and what others wait meanwhile; and what is read of large tables.
import { spawn } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { addMinutes } from '../../controller/test/channels/open-channels.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { type ChannelHome, channelBody, openChannelHome, unplannedBody } from './channel-home.ts';
import { ended } from './ended.ts';
import { p95 } from './p95.ts';
import { serveChannels } from './serve-channels.ts';
import { askWatched, WATCH } from './watched-process.ts';

const name = 'channel-planning';
const CHANNELS = 100;
const LISTED = 1_000;
const ROWS = 1_000_000;
const ASKED = 2_000;
const LISTINGS = 100;
const SETTLES_MS = 8_000;

export const bench: Bench = {
  name,
  lines: async () => [...(await planningLines()), await listLine(), await nowLine()],
};

/** One channel after the other, as somebody makes them, on a process that has planned nothing yet. */
async function planningLines(): Promise<readonly BenchLine[]> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await openChannelHome());
  const idle = stack.adopt(spawn(process.execPath, [...WATCH, '-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }), ended);
  await wait(1_000);
  await askWatched(idle.pid ?? 0);
  // One tick a millisecond: one that comes 25 ms late tells of 25 ms in which nobody was answered.
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const from = performance.now();
  for (let n = 0; n < CHANNELS; n += 1) await home.channels.create(channelBody(n));
  const value = Math.round(performance.now() - from);
  stalls.disable();
  const nothing = await askWatched(idle.pid ?? 0);
  const entries = await rowsOf(home);
  const line = `${CHANNELS} channels for 8 days from 20,000 items, ${entries} entries, onto the disk`;
  const baseline = { name: 'idle Node', value: round(nothing.worstMs) };
  return [
    judge({ name, line, value, unit: 'ms' }, { atMost: 2_000 }),
    judge(
      { name, line: 'worst event-loop stall meanwhile', value: round(stalls.max / 1e6), unit: 'ms', baseline },
      { atMost: 25 },
    ),
  ];
}

async function rowsOf({ db }: ChannelHome): Promise<number> {
  const { count } = await db
    .selectFrom('schedule_entries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What is on a channel, and what comes next, out of a million rows of minutes (features row 101). */
async function nowLine(): Promise<BenchLine> {
  await using home = await openChannelHome([]);
  const { channels, db, clock } = home;
  const { id } = await channels.create(unplannedBody(0));
  await addMinutes(db, id, ROWS, clock.now());
  // So many make the database compact its files, in a thread of its own.
  await wait(SETTLES_MS);
  const times: number[] = [];
  for (let i = 0; i < ASKED; i += 1) {
    const from = performance.now();
    const on = await channels.now(id);
    times.push(performance.now() - from);
    if (on?.entry.startMs !== clock.now() || on.next === null) throw new Error('the wrong entry is on');
  }
  const line = `what is on now and next, of ${ROWS} rows of one channel, p95 of ${ASKED}`;
  return judge({ name, line, value: round(p95(times)), unit: 'ms' }, { atMost: 1 });
}

/** Over HTTP, whole (features row 107). */
async function listLine(): Promise<BenchLine> {
  await using home = await openChannelHome([]);
  for (let n = home.channels.all().length; n < LISTED; n += 1) await home.channels.create(unplannedBody(n));
  await using served = await serveChannels(home);
  const times: number[] = [];
  for (let i = 0; i < LISTINGS; i += 1) {
    const from = performance.now();
    const answer = await fetch(`${served.url}/api/channels`, { headers: served.headers });
    const listed = (await answer.json()) as readonly unknown[];
    times.push(performance.now() - from);
    if (listed.length !== LISTED) throw new Error(`${listed.length} channels are listed`);
  }
  const line = `GET /api/channels of ${LISTED} channels, p95 of ${LISTINGS}, with the reading of its JSON`;
  return judge({ name, line, value: round(p95(times)), unit: 'ms' }, { atMost: 50 });
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

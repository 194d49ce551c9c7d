// What a viewer and HTTP notice while the controller plans a hundred channels and makes a snapshot of a large database (ruling 4 of issue 5).
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProbeTables } from '../../controller/src/channels/probe-store.ts';
import { systemClock } from '../../controller/src/clock.ts';
import { migrations } from '../../controller/src/database/migrations/index.ts';
import { openDatabase } from '../../controller/src/database/open-database.ts';
import { silentLog } from '../../controller/src/log.ts';
import { type LibrarySeed, manyItems } from '../demo/jellyfin/library-seeds.ts';
import { type BenchLine, judge } from './bench-line.ts';
import { share, tenth } from './figures.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';
import { processTree } from './process-figures.ts';
import { openTelevisionHome, type TelevisionHome } from './television-home.ts';
import { openCrowd } from './viewer-crowd.ts';
import { askWatched, WATCH } from './watched-process.ts';

/** 20,000 items. */
const MANY = { films: 5_000, series: 300, episodes: 50 };
const CHANNELS = 100;
/** The stream's own beat: pieces come so far apart. */
const TICK_MS = 100;
const TURN_MS = 25;
/** Viewers have 2 s in hand. Encoder, media server and whoever asks share the cores with what is measured: a client waits for those too. */
const WAIT_MS = 300;
const BALLAST_ROWS = 64;
const ROW_BYTES = 1_000_000;
const SNAPSHOT_MS = 60_000;
const WRITE_EACH_MS = 150;
const SNAPSHOT_TEXT = 'the database was compacted';

export const manyLibraries = (): readonly LibrarySeed[] => manyItems(MANY);

export type StallOptions = { readonly bundles: string; readonly jellyfin: JellyfinProcess; readonly idleMs: number };

/** Turns in CPU ms: on a machine whose cores are all taken, whoever waits does so for the machine as well. */
type Waits = {
  readonly pieces: readonly number[];
  readonly answers: readonly number[];
  readonly controllerTurnMs: number;
  readonly streamTurnMs: number;
};

export async function stallLines(name: string, { bundles, jellyfin, idleMs }: StallOptions): Promise<readonly BenchLine[]> {
  await using home = await openTelevisionHome({ bundles, jellyfin });
  await addBallast(home.home.dataFolder);
  process.env['NODE_OPTIONS'] = WATCH.join(' ');
  await home.start().finally(() => delete process.env['NODE_OPTIONS']);
  const watched = await home.addChannel('Seed', { name: 'Watched' });
  await using crowd = openCrowd();
  crowd.join(home.urlOf(watched), 1);
  crowd.ask(`${home.home.httpUrl}/healthz`);
  await wait(6_000);
  const controller = home.home.controller.pid ?? 0;
  const stream = processTree(controller).find(isStream) ?? 0;
  const turns = async (): Promise<readonly number[]> =>
    (await Promise.all([controller, stream].map(askWatched))).map(({ worstTurnMs }) => tenth(worstTurnMs));
  const measured = async (work: () => Promise<void>): Promise<Waits> => {
    await turns();
    crowd.begin();
    await work();
    const [controllerTurnMs = Number.NaN, streamTurnMs = Number.NaN] = await turns();
    const { viewers, answers } = await crowd.report();
    return { pieces: viewers[0]?.gaps ?? [], answers, controllerTurnMs, streamTurnMs };
  };
  const idle = await measured(() => wait(idleMs));
  const planning = await measured(() => planChannels(home));
  const snapshot = await measured(() => takeSnapshot(home));
  return [
    ...linesOf(name, `${CHANNELS} channels are planned`, planning, idle),
    ...linesOf(name, 'a snapshot of 64 MB is made', snapshot, idle),
  ];
}

function linesOf(name: string, what: string, busy: Waits, idle: Waits): readonly BenchLine[] {
  const beyond = (waits: Waits): number => tenth(Math.max(0, share(waits.pieces, 0.999) - TICK_MS));
  const late = (waits: Waits): number => tenth(share(waits.answers, 0.999));
  const beside = 'nothing but the stream';
  const of = `p99.9 of`;
  const turnLine = (who: string, value: number, alone: number): BenchLine =>
    judge(
      {
        name,
        line: `longest turn of ${who} while ${what}, CPU time`,
        value,
        unit: 'ms',
        baseline: { name: beside, value: alone },
      },
      { atMost: TURN_MS },
    );
  return [
    judge(
      {
        name,
        line: `a viewer's wait for a piece beyond the beat while ${what}, ${of} ${busy.pieces.length}`,
        value: beyond(busy),
        unit: 'ms',
        baseline: { name: beside, value: beyond(idle) },
      },
      { atMost: WAIT_MS },
    ),
    judge(
      {
        name,
        line: `/healthz while ${what}, ${of} ${busy.answers.length}`,
        value: late(busy),
        unit: 'ms',
        baseline: { name: beside, value: late(idle) },
      },
      { atMost: WAIT_MS },
    ),
    turnLine('the controller', busy.controllerTurnMs, idle.controllerTurnMs),
    turnLine('the stream process', busy.streamTurnMs, idle.streamTurnMs),
  ];
}

const isStream = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('live-process');

/** So much that the next commits begin a snapshot: the journal is nearly as long as it may be. */
async function addBallast(path: string): Promise<void> {
  await using database = await openDatabase({ path, migrations, log: silentLog, clock: systemClock });
  const db = database.tables<ProbeTables>();
  const media = JSON.stringify({ text: 'x'.repeat(ROW_BYTES) });
  for (let n = 0; n < BALLAST_ROWS; n += 1) {
    const row = {
      server: 'main',
      item_id: `ballast-${n}`,
      probed_at: systemClock.now(),
      ok: 1,
      problem: null,
      media,
      gain_db: 0,
    };
    await db.insertInto('item_probes').values(row).execute();
  }
}

async function planChannels(home: TelevisionHome): Promise<void> {
  for (let n = 0; n < CHANNELS; n += 1) await home.addChannel(n % 2 === 0 ? 'Films' : 'Shows', { name: `Channel ${n}` });
}

/** Until one is made: a channel is planned anew now and then, which writes. The snapshot is what is measured, not the planning. */
async function takeSnapshot(home: TelevisionHome): Promise<void> {
  const made = (): number => home.home.controller.lines().filter(({ text }) => text === SNAPSHOT_TEXT).length;
  const before = made();
  let turn = 0;
  const channels = await home.api().get<readonly { readonly id: number }[]>('/api/channels');
  for (const end = performance.now() + SNAPSHOT_MS; made() === before; ) {
    if (performance.now() > end) throw new Error('no snapshot was made');
    const { id } = channels[turn % channels.length] ?? { id: 0 };
    turn += 1;
    await home.api().call('POST', `/api/channels/${id}/generate-schedule`, { days: 7, reset: true });
    await wait(WRITE_EACH_MS);
  }
}

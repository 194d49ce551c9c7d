// How fast commits become durable beside a bare append + fdatasync on the same disk, what kills cost, how long reopening takes.
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../controller/src/clock.ts';
import { type Database, openDatabase } from '../../controller/src/database/open-database.ts';
import { silentLog } from '../../controller/src/log.ts';
import { killWriters } from '../../controller/test/database/kill-writers.ts';
import { addNote, notesMigration } from '../../controller/test/database/notes-database.ts';
import { seededRandom } from '../../controller/test/fixtures/seeded-random.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { median } from './figures.ts';

const name = 'database';
const rounds = 5;
const writesARound = 1_000;
/** Of the issue: 64 in flight do this, or twice what they do one by one, whichever is less. */
const enoughPerSecond = 5_000;
const kills = 200;
const compactAt = 10_000;
const idleMs = 10_000;

export const bench: Bench = {
  name,
  lines: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    try {
      return [...(await commitLines(folder)), await reopenLine(folder), await idleLine(folder), await killLine()];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const openAt = (path: string, compactAfterStatements?: number): Promise<Database> =>
  openDatabase({
    path,
    log: silentLog,
    clock: systemClock,
    migrations: [notesMigration],
    ...(compactAfterStatements === undefined ? {} : { compactAfterStatements }),
  });

/** Small enough that none of them compacts, so that only commits are measured; each turn about alternates with the baseline. */
async function commitLines(folder: string): Promise<BenchLine[]> {
  const bare: number[] = [];
  const single: number[] = [];
  const many: number[] = [];
  await using db = await openAt(join(folder, 'commits'), 1_000_000);
  await perSecond(writesARound, 1, (n) => addNote(db, `warm-${n}`, n));
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await bareRate(join(folder, `bare-${round}`)));
    single.push(await perSecond(writesARound, 1, (n) => addNote(db, `one-${round}-${n}`, n)));
    many.push(await perSecond(writesARound * 4, 64, (n) => addNote(db, `many-${round}-${n}`, n)));
  }
  const one = median(single);
  const baseline = { name: 'bare append + fdatasync, one by one', value: median(bare) };
  const asked = Math.round(Math.min(2 * one, enoughPerSecond));
  return [
    judge({ name, line: 'durable commits, one by one', value: one, unit: '1/s', baseline }, { ratioAtLeast: 0.5 }),
    judge({ name, line: 'durable commits, 64 in flight', value: median(many), unit: '1/s', baseline }, { atLeast: asked }),
  ];
}

/** Records as long as the journal's own for a note. */
async function bareRate(path: string): Promise<number> {
  await using handle = await open(path, 'a');
  const record = Buffer.alloc(110, 1);
  return await perSecond(writesARound, 1, async () => {
    await handle.write(record);
    await handle.datasync();
  });
}

async function perSecond(count: number, atOnce: number, write: (n: number) => Promise<void>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const writer = async (): Promise<void> => {
    while (next < count) await write(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, writer));
  return (count * 1_000) / (performance.now() - started);
}

/** A journal of as many statements as may be in one, opened anew. */
async function reopenLine(folder: string): Promise<BenchLine> {
  const path = join(folder, 'reopen');
  {
    await using db = await openAt(path, compactAt + 100);
    await perSecond(compactAt, 64, (n) => addNote(db, `n${n}`, n, new Uint8Array(200)));
  }
  const started = performance.now();
  await using db = await openAt(path, compactAt + 100);
  await addNote(db, 'opened');
  const value = performance.now() - started;
  return judge({ name, line: `opening with ${compactAt} statements to replay`, value, unit: 'ms' }, { atMost: 1_000 });
}

/** Bytes that this process sent to the disk while an open database had nothing to do, as the kernel counts them. */
async function idleLine(folder: string): Promise<BenchLine> {
  await using db = await openAt(join(folder, 'idle'));
  await addNote(db, 'one');
  const before = await bytesWritten();
  await systemClock.sleep(idleMs, AbortSignal.timeout(2 * idleMs));
  const value = (await bytesWritten()) - before;
  return judge({ name, line: `disk writes of an idle database in ${idleMs / 1_000} s`, value, unit: 'B' }, { atMost: 0 });
}

async function bytesWritten(): Promise<number> {
  const counters = await readFile('/proc/self/io', 'utf8');
  return Number(/^write_bytes: (\d+)$/m.exec(counters)?.[1] ?? Number.NaN);
}

async function killLine(): Promise<BenchLine> {
  const report = await killWriters(kills, seededRandom(Date.now()));
  const value = report.lost.length + report.problems.length;
  const line = `acknowledged writes lost in ${kills} kills, of ${report.acknowledged}`;
  return judge({ name, line, value, unit: 'writes' }, { atMost: 0 });
}

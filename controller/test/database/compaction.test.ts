// A new generation begins while the database is in use, and a compaction that fails harms nothing.
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import t from 'tap';
import { readJournal } from '../../src/database/read-journal.ts';
import { replay } from '../../src/database/replay.ts';
import { createSqliteEngine } from '../../src/database/sqlite-engine.ts';
import { addNote, allNotes, openNotes, recordingLog, temporaryFolder } from './notes-database.ts';

/** Waits for a condition; tap's own time limit bounds it. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const compacted = (lines: readonly string[]): number => lines.filter((line) => line === 'info the database was compacted').length;

t.test('under writes: two generations at most stay, and the snapshot is a plain SQLite file', async (t) => {
  await using folder = await temporaryFolder();
  const lines: string[] = [];
  let written = 0;
  {
    await using db = await openNotes(folder.path, { compactAfterStatements: 50, log: recordingLog(lines) });
    await until(async () => {
      await addNote(db, `n${written}`, written);
      written += 1;
      return compacted(lines) >= 3;
    });
    const journals = (await readdir(folder.path)).filter((name) => name.startsWith('journal-'));
    t.ok(journals.length <= 3, `the one written, the one before, and what a compaction has just closed: ${journals.join(' ')}`);
    t.equal((await allNotes(db)).length, written);
  }
  const newest = (await readdir(folder.path))
    .filter((name) => name.endsWith('.sqlite'))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const engine = await createSqliteEngine();
  t.teardown(() => engine.close());
  engine.load(await readFile(join(folder.path, newest.at(-1) ?? '')));
  t.same(engine.run('pragma integrity_check', []).rows, [{ integrity_check: 'ok' }]);
  t.ok(Number(engine.run('select count(*) as notes from note', []).rows[0]?.['notes']) > 100);
  await using again = await openNotes(folder.path);
  t.equal((await allNotes(again)).length, written);
  t.same(again.problems, []);
});

t.test('one that fails is told once, loses nothing, and is done when it can be', async (t) => {
  await using folder = await temporaryFolder();
  const lines: string[] = [];
  const failures = (): number => lines.filter((line) => line.startsWith('error the database could not be compacted')).length;
  let written = 0;
  const write = async (db: Parameters<typeof addNote>[0], count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await addNote(db, `n${written++}`);
  };
  {
    await using db = await openNotes(folder.path, { compactAfterStatements: 30, log: recordingLog(lines) });
    const obstacles = [2, 3, 4, 5].map((generation) => join(folder.path, `snapshot-${generation}.sum.tmp`));
    for (const obstacle of obstacles) await mkdir(obstacle);
    await write(db, 30);
    await until(() => failures() === 1);
    for (const obstacle of obstacles) await rmdir(obstacle);
    await write(db, 31);
    await until(() => compacted(lines) === 1);
    t.equal(failures(), 1);
  }
  await using again = await openNotes(folder.path);
  t.equal((await allNotes(again)).length, written);
  t.same(again.problems, []);
});

t.test('the event loop waits less than the same work takes in it', async (t) => {
  await using folder = await temporaryFolder();
  const lines: string[] = [];
  const limit = 3_000;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  {
    await using db = await openNotes(folder.path, { compactAfterStatements: limit, log: recordingLog(lines) });
    delay.enable();
    let n = 0;
    const writer = async (): Promise<void> => {
      while (n < limit) await addNote(db, `n${n++}`, n, new Uint8Array(8_000));
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    await until(() => compacted(lines) > 0);
    delay.disable();
  }
  const engine = await createSqliteEngine();
  t.teardown(() => engine.close());
  const started = performance.now();
  replay(engine, readJournal(await readFile(join(folder.path, 'journal-1.log'))).records, 1);
  engine.export();
  const inTheLoop = performance.now() - started;
  t.ok(delay.max / 1e6 < inTheLoop, `longest delay ${delay.max / 1e6} ms, the same work ${inTheLoop} ms`);
});

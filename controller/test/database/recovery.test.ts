// What opening makes of files that a crash, a power cut or a bad disk left behind.
import { appendFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readJournal } from '../../src/database/read-journal.ts';
import { addNote, allNotes, openNotes, recordingLog, temporaryFolder } from './notes-database.ts';

const journalOf = (folder: string, generation = 1): string => join(folder, `journal-${generation}.log`);

/** Ten notes n0 … n9, one transaction each; returns where each record begins in journal-1.log. */
async function writeTenNotes(folder: string): Promise<number[]> {
  const starts: number[] = [];
  await using db = await openNotes(folder);
  for (let n = 0; n < 10; n += 1) {
    starts.push((await readFile(journalOf(folder))).length);
    await addNote(db, `n${n}`, n);
  }
  return starts;
}

const names = async (db: Parameters<typeof allNotes>[0]): Promise<string> => (await allNotes(db)).map(([id]) => id).join(' ');

const damagedCopies = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('damaged-'));

t.test('a last record cut at any byte is dropped without an alarm, and writing goes on', async (t) => {
  await using folder = await temporaryFolder();
  const last = (await writeTenNotes(folder.path))[9] ?? 0;
  const whole = await readFile(journalOf(folder.path));
  for (const length of [last, last + 1, last + 23, last + 24, last + 25, whole.length - 1]) {
    await writeFile(journalOf(folder.path), whole.subarray(0, length));
    {
      await using db = await openNotes(folder.path);
      t.same(db.problems, [], `cut at ${length - last} of ${whole.length - last}`);
      t.equal(await names(db), 'n0 n1 n2 n3 n4 n5 n6 n7 n8');
      await addNote(db, 'after');
    }
    await using again = await openNotes(folder.path);
    t.equal(await names(again), 'after n0 n1 n2 n3 n4 n5 n6 n7 n8');
  }
  t.same(await damagedCopies(folder.path), []);
});

t.test('zeros where the last record should be are a write cut short', async (t) => {
  await using folder = await temporaryFolder();
  await writeTenNotes(folder.path);
  await appendFile(journalOf(folder.path), Buffer.alloc(300));
  await using db = await openNotes(folder.path);
  t.same(db.problems, []);
  await addNote(db, 'after');
});

for (const [what, offset] of [
  ['magic', 0],
  ['length', 6],
  ['sequence', 9],
  ['checksum', 17],
  ['payload', 60],
] as const) {
  t.test(
    `a flipped byte in the ${what} of a record in the middle costs that record only, is told, and the files are kept`,
    async (t) => {
      await using folder = await temporaryFolder();
      const at = ((await writeTenNotes(folder.path))[5] ?? 0) + offset;
      const bytes = await readFile(journalOf(folder.path));
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
      await writeFile(journalOf(folder.path), bytes);
      const lines: string[] = [];
      {
        await using db = await openNotes(folder.path, { log: recordingLog(lines) });
        t.equal(await names(db), 'n0 n1 n2 n3 n4 n6 n7 n8 n9');
        t.match(db.problems.join('\n'), /journal-1\.log is damaged at byte \d+/);
        t.match(db.problems.join('\n'), /1 transactions before number/);
        t.ok(lines.some((line) => line.startsWith('error the database was damaged')));
        await addNote(db, 'after');
      }
      const [copy = ''] = await damagedCopies(folder.path);
      t.same(await readFile(join(folder.path, copy, 'journal-1.log')), bytes, 'the copy is the damaged file');
      await using again = await openNotes(folder.path);
      t.same(again.problems, [], 'told once: what was recovered is a new generation');
      t.equal(await names(again), 'after n0 n1 n2 n3 n4 n6 n7 n8 n9');
    },
  );
}

t.test('a flipped byte in the last record is damage, not a write cut short', async (t) => {
  await using folder = await temporaryFolder();
  await writeTenNotes(folder.path);
  const bytes = await readFile(journalOf(folder.path));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
  await writeFile(journalOf(folder.path), bytes);
  await using db = await openNotes(folder.path);
  t.equal(await names(db), 'n0 n1 n2 n3 n4 n5 n6 n7 n8');
  t.match(db.problems.join(), /damaged at byte/);
  t.equal((await damagedCopies(folder.path)).length, 1);
});

t.test('a record that builds on a lost one is left out and told', async (t) => {
  await using folder = await temporaryFolder();
  let at = 0;
  {
    await using db = await openNotes(folder.path);
    await addNote(db, 'stays');
    at = (await readFile(journalOf(folder.path))).length + 30;
    await addNote(db, 'lost');
    await db.tables<{ note: { id: string; n: number } }>().updateTable('note').set({ n: 9 }).where('id', '=', 'lost').execute();
    await db
      .tables<{ tag: { note_id: string; name: string } }>()
      .insertInto('tag')
      .values({ note_id: 'lost', name: 'x' })
      .execute();
    await addNote(db, 'later');
  }
  const bytes = await readFile(journalOf(folder.path));
  bytes.writeUInt8(bytes.readUInt8(at) ^ 2, at);
  await writeFile(journalOf(folder.path), bytes);
  await using db = await openNotes(folder.path);
  t.equal(await names(db), 'later stays');
  t.match(db.problems.join('\n'), /left out: Transaction \d+ changed 0 rows when it was replayed, not 1/);
  t.match(db.problems.join('\n'), /left out: FOREIGN KEY/);
});

t.test('a damaged file header is told, the records behind it are kept', async (t) => {
  await using folder = await temporaryFolder();
  await writeTenNotes(folder.path);
  const bytes = await readFile(journalOf(folder.path));
  bytes.writeUInt8(0, 3);
  await writeFile(journalOf(folder.path), bytes);
  await using db = await openNotes(folder.path);
  t.equal(await names(db), 'n0 n1 n2 n3 n4 n5 n6 n7 n8 n9');
  t.match(db.problems.join(), /damaged at byte 0/);
});

/** A folder with generation 2's snapshot and journal beside generation 1: notes n0 … n29, the limit being 20 statements. */
async function writeTwoGenerations(folder: string): Promise<void> {
  await using db = await openNotes(folder, { compactAfterStatements: 20 });
  for (let n = 0; n < 20; n += 1) await addNote(db, `n${n}`, n);
  await snapshotOf(folder, 2);
  for (let n = 20; n < 30; n += 1) await addNote(db, `n${n}`, n);
}

/** Waits until a generation's snapshot is there; tap's own time limit bounds it. */
async function snapshotOf(folder: string, generation: number): Promise<string> {
  const name = `snapshot-${generation}.sqlite`;
  while (!(await readdir(folder)).includes(name)) await new Promise((resolve) => setTimeout(resolve, 10));
  return join(folder, name);
}

t.test('compaction: snapshot and next journal hold everything, statements since the snapshot are replayed only', async (t) => {
  await using folder = await temporaryFolder();
  await writeTwoGenerations(folder.path);
  await rm(journalOf(folder.path, 1));
  await using db = await openNotes(folder.path);
  t.equal((await allNotes(db)).length, 30);
  t.same(db.problems, []);
});

for (const [what, spoil] of [
  [
    'flipped',
    async (path: string) => {
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100);
      await writeFile(path, bytes);
    },
  ],
  ['truncated', (path: string) => truncate(path, 4096)],
  ['emptied', (path: string) => truncate(path, 0)],
] as const) {
  t.test(`a ${what} snapshot is told, and all is recovered from the generation before`, async (t) => {
    await using folder = await temporaryFolder();
    await writeTwoGenerations(folder.path);
    await spoil(join(folder.path, 'snapshot-2.sqlite'));
    {
      await using db = await openNotes(folder.path);
      t.match(db.problems.join(), /snapshot-2\.sqlite is not as it was written/);
      t.equal((await allNotes(db)).length, 30);
    }
    await using again = await openNotes(folder.path);
    t.same(again.problems, []);
    t.equal((await allNotes(again)).length, 30);
  });
}

t.test('a lost snapshot or journal is never taken for a new database', async (t) => {
  await using folder = await temporaryFolder();
  await writeTwoGenerations(folder.path);
  await rm(join(folder.path, 'snapshot-2.sqlite'));
  await rm(journalOf(folder.path, 1));
  await using db = await openNotes(folder.path);
  t.match(db.problems.join('\n'), /No snapshot can be read/);
  t.equal((await damagedCopies(folder.path)).length, 1);
});

t.test('each step of a compaction may be the last before a crash', async (t) => {
  await using folder = await temporaryFolder();
  await writeTwoGenerations(folder.path);
  const at = (name: string): string => join(folder.path, name);
  const whole = await readFile(at('snapshot-2.sqlite'));
  const steps: [string, () => Promise<void>][] = [
    ['before the old generation went', async () => {}],
    [
      'after the checksum, with a half-written snapshot',
      async () => {
        await writeFile(at('snapshot-2.sqlite.tmp'), whole.subarray(0, 5000));
        await rm(at('snapshot-2.sqlite'));
      },
    ],
    ['before the checksum', () => rm(at('snapshot-2.sum'))],
  ];
  for (const [when, crash] of steps) {
    await crash();
    await using db = await openNotes(folder.path);
    t.same(db.problems, [], when);
    t.equal((await allNotes(db)).length, 30, when);
    t.notOk(
      (await readdir(folder.path)).some((name) => name.endsWith('.tmp')),
      'no half-written file stays',
    );
  }
});

t.test('a next journal whose making was cut short holds nothing and is made again', async (t) => {
  for (const length of [0, 10]) {
    await using folder = await temporaryFolder();
    await writeTenNotes(folder.path);
    await writeFile(journalOf(folder.path, 2), (await readFile(journalOf(folder.path))).subarray(0, length));
    {
      await using db = await openNotes(folder.path);
      t.same(db.problems, []);
      await addNote(db, 'after');
    }
    await using again = await openNotes(folder.path);
    t.equal((await allNotes(again)).length, 11);
    t.same(again.problems, []);
  }
});

t.test('a journal in the wrong place is told', async (t) => {
  await using folder = await temporaryFolder();
  await writeTwoGenerations(folder.path);
  await rename(journalOf(folder.path, 1), journalOf(folder.path, 3));
  await using db = await openNotes(folder.path);
  t.match(db.problems.join(), /journal-3\.log is that of generation 1/);
  t.equal((await allNotes(db)).length, 30);
});

t.test('reading never throws, whatever the bytes', async (t) => {
  await using folder = await temporaryFolder();
  await writeTenNotes(folder.path);
  const bytes = await readFile(journalOf(folder.path));
  for (let at = 0; at < bytes.length; at += 7) {
    const spoilt = Buffer.from(bytes);
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 0x81, at);
    const { records, damagedAt } = readJournal(spoilt);
    t.ok(damagedAt.length === 1 && records.length >= 10, `byte ${at}: told, and the other records are read`);
  }
});

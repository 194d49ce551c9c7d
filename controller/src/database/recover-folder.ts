// Brings a database folder's state back into memory: the newest sound snapshot, then the journals after it.
import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { type Generations, journalPath, listGenerations, readSnapshot } from './generations.ts';
import { type JournalContent, readJournal } from './read-journal.ts';
import { replay } from './replay.ts';
import type { SqliteEngine } from './sqlite-engine.ts';

export type Recovered = {
  /** Generation of the snapshot that was loaded; 1 where the database began empty. */
  readonly base: number;
  /** Generation of the newest journal, and where it goes on. `end` 0: its making was cut short, it holds nothing. */
  readonly last: number;
  readonly end: number;
  readonly nextSequence: number;
  /** Statements replayed: a measure of the time that it took. */
  readonly statements: number;
  /** Time that the replay took, and the bytes of the journals. */
  readonly replayMs: number;
  readonly bytes: number;
  /** Bytes of a write cut short at the newest journal's end. */
  readonly incompleteBytes: number;
  /** Sentences; not empty means damage, and that the files must not be written on. */
  readonly problems: readonly string[];
};

/** Reads no further than here: what lies behind it was never acknowledged, or belongs to a later generation. */
export type ReadLimit = { readonly generation: number; readonly end: number };

/** null: the folder holds no database yet. Throws what the file system throws; damage is told in `problems`. */
export async function recoverFolder(folder: string, engine: SqliteEngine, limit?: ReadLimit): Promise<Recovered | null> {
  const found = await listGenerations(folder);
  if (found.snapshots.length === 0 && found.journals.length === 0) return null;
  const problems: string[] = [];
  const base = await loadSnapshot(folder, engine, found, problems);
  const last = limit?.generation ?? Math.max(base.generation, ...found.journals);
  let { nextSequence } = base;
  let statements = 0;
  let journalBytes = 0;
  const started = performance.now();
  let tail: JournalContent | null = null;
  for (let generation = base.generation; generation <= last; generation += 1) {
    if (!found.journals.includes(generation)) {
      problems.push(`journal-${generation}.log is missing.`);
      continue;
    }
    let bytes = await readFile(journalPath(folder, generation));
    if (limit?.generation === generation) bytes = bytes.subarray(0, limit.end);
    const content = readJournal(bytes);
    problems.push(...journalProblems(content, generation, generation === last));
    const replayed = replay(engine, content.records, nextSequence);
    problems.push(...replayed.problems.map((sentence) => `journal-${generation}.log: ${sentence}`));
    nextSequence = Math.max(replayed.nextSequence, content.header?.firstSequence ?? 0);
    statements += replayed.statements;
    journalBytes += content.end;
    tail = content;
  }
  const end = tail === null || tail.header === null ? 0 : tail.end;
  const replayMs = performance.now() - started;
  const incompleteBytes = tail?.incompleteBytes ?? 0;
  return { base: base.generation, last, end, nextSequence, statements, replayMs, bytes: journalBytes, incompleteBytes, problems };
}

const journalProblems = (content: JournalContent, generation: number, newest: boolean): string[] => {
  const problems = content.damagedAt.map((at) => `journal-${generation}.log is damaged at byte ${at}.`);
  if (!newest && content.incompleteBytes > 0) problems.push(`journal-${generation}.log ends in an incomplete record.`);
  if (content.header !== null && content.header.generation !== generation) {
    problems.push(`journal-${generation}.log is that of generation ${content.header.generation}.`);
  }
  return problems;
};

type Base = { readonly generation: number; readonly nextSequence: number };

/** The newest snapshot with a right checksum; else the newest that SQLite finds whole; else an empty database. */
async function loadSnapshot(folder: string, engine: SqliteEngine, found: Generations, problems: string[]): Promise<Base> {
  const readable: { generation: number; bytes: Buffer; firstSequence: number | null }[] = [];
  for (const generation of found.snapshots.toReversed()) {
    const { bytes, sound, firstSequence } = await readSnapshot(folder, generation);
    if (sound && firstSequence !== null && loads(engine, bytes)) return { generation, nextSequence: firstSequence };
    problems.push(`snapshot-${generation}.sqlite is not as it was written.`);
    readable.push({ generation, bytes, firstSequence });
  }
  if (found.journals[0] === 1) {
    engine.load(null);
    return { generation: 1, nextSequence: 1 };
  }
  for (const { generation, bytes, firstSequence } of readable) {
    if (!loads(engine, bytes) || !isWhole(engine)) continue;
    const header = readJournal(await readFile(journalPath(folder, generation)).catch(() => Buffer.alloc(0))).header;
    problems.push(`snapshot-${generation}.sqlite was used nevertheless: SQLite finds it whole.`);
    return { generation, nextSequence: firstSequence ?? header?.firstSequence ?? 1 };
  }
  problems.push('No snapshot can be read.');
  engine.load(null);
  return { generation: found.journals[0] ?? 1, nextSequence: 1 };
}

const loads = (engine: SqliteEngine, bytes: Uint8Array): boolean => {
  try {
    engine.load(bytes);
    engine.run('select count(*) from sqlite_master', []);
    return true;
  } catch {
    engine.load(null);
    return false;
  }
};

const isWhole = (engine: SqliteEngine): boolean => {
  try {
    return engine.run('pragma integrity_check', []).rows[0]?.['integrity_check'] === 'ok';
  } catch {
    return false;
  }
};

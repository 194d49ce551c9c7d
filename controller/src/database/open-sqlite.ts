// Opens the database folder: lock, recovery, journal, compaction; hands out the Kysely dialect over it.
import { mkdir } from 'node:fs/promises';
import type { Dialect } from 'kysely';
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { copyAside, journalPath, removeGenerations, removeTemporary, syncFolder, writeSnapshot } from './generations.ts';
import { continueJournalFile, createJournalFile, type JournalFile } from './journal-file.ts';
import { createJournaledDialect } from './journaled-sqlite.ts';
import { lockFolder } from './lock-folder.ts';
import { createMutex } from './mutex.ts';
import { type Recovered, recoverFolder } from './recover-folder.ts';
import { createSqliteEngine, type SqliteEngine } from './sqlite-engine.ts';

export type SqliteOptions = {
  /** The folder. Made where it is missing, for this user alone. */
  readonly path: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Statements in the journals after which a new snapshot is made. */
  readonly compactAfterStatements: number;
};

export type OpenSqlite = AsyncDisposable & {
  readonly dialect: Dialect;
  readonly problems: readonly string[];
  /** Keeps the present state as a plain SQLite file of this name in the folder. */
  keepCopy(name: string): Promise<void>;
};

/** Opens or makes the database in a folder. Throws `locked` where another process has it, `storage_failed` where it cannot be read. */
export async function openSqlite({ path, log, clock, compactAfterStatements }: SqliteOptions): Promise<OpenSqlite> {
  await using cleanup = new AsyncDisposableStack();
  await mkdir(path, { recursive: true, mode: 0o700 });
  cleanup.use(await lockFolder(path));
  const engine = cleanup.adopt(await createSqliteEngine(), (each) => each.close());
  const opened = await openGenerations({ path, engine, log, clock });
  void compactAfterStatements;
  const journal = opened.journal;
  let loadedFailures = 0;
  const turns = createMutex();
  cleanup.defer(() => journal.close());
  const kept = cleanup.move();
  return {
    problems: opened.problems,
    dialect: createJournaledDialect({
      engine,
      turns,
      journal: () => journal,
      current: () => loadedFailures === journal.failures(),
      reload: async () => {
        await recoverFolder(path, engine, { generation: opened.last, end: journal.durableEnd() });
        loadedFailures = journal.failures();
      },
      heal: () => journal.heal(),
      committed: () => {},
    }),
    keepCopy: async () => {},
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Opened = { journal: JournalFile; problems: readonly string[]; base: number; last: number; statements: number };
type Opening = { readonly path: string; readonly engine: SqliteEngine; readonly log: Log; readonly clock: Clock };

async function openGenerations({ path, engine, log, clock }: Opening): Promise<Opened> {
  await removeTemporary(path);
  const found = await recoverFolder(path, engine);
  if (found === null) return { ...(await firstGeneration(path)), problems: [] };
  const { base, last, statements, problems } = found;
  if (problems.length > 0) return rebuild({ path, engine, log, clock }, found);
  if (found.incompleteBytes > 0)
    log.info({ bytes: found.incompleteBytes }, 'an incomplete last record of the journal was dropped');
  const journal =
    found.end === 0
      ? await createJournalFile(journalPath(path, last), { generation: last, firstSequence: found.nextSequence })
      : await continueJournalFile(journalPath(path, last), found);
  await syncFolder(path);
  return { journal, problems, base, last, statements };
}

async function firstGeneration(path: string): Promise<Omit<Opened, 'problems'>> {
  const journal = await createJournalFile(journalPath(path, 1), { generation: 1, firstSequence: 1 });
  await syncFolder(path);
  return { journal, base: 1, last: 1, statements: 0 };
}

/** After damage: the files are kept as they were, and what could be recovered begins a new generation. */
async function rebuild({ path, engine, log, clock }: Opening, found: Recovered): Promise<Opened> {
  const label = `damaged-${new Date(clock.now()).toISOString().replaceAll(':', '-')}`;
  const copy = await copyAside(path, label).catch((cause: unknown) => {
    throw new ControllerError('storage_failed', `The damaged database could not be copied: ${messageOf(cause)}`, { cause });
  });
  const problems = [...found.problems, `The damaged files are kept in ${copy}.`];
  const generation = found.last + 1;
  const journal = await createJournalFile(journalPath(path, generation), { generation, firstSequence: found.nextSequence });
  await syncFolder(path);
  await writeSnapshot(path, generation, engine.export(), found.nextSequence);
  await removeGenerations(path, generation);
  for (const problem of problems) log.error({ problem }, 'the database was damaged; what could be verified was recovered');
  return { journal, problems, base: generation, last: generation, statements: 0 };
}

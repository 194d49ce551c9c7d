// The database folder, open: lock, recovery, journal and compaction as one, and the Kysely dialect over them.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dialect } from 'kysely';
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type CurrentJournal, createCompaction } from './compaction.ts';
import { syncFolder, writeWhole } from './generations.ts';
import { createJournaledDialect, type JournaledStore } from './journaled-sqlite.ts';
import { lockFolder } from './lock-folder.ts';
import { createMutex, type Mutex } from './mutex.ts';
import { openGenerations } from './open-generations.ts';
import { recoverFolder } from './recover-folder.ts';
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
  /** Keeps the present state as a plain SQLite file whose name has `label` in it. */
  keepCopy(label: string): Promise<void>;
};

/** Opens or makes the database in a folder. Throws `locked` where another process has it, `storage_failed` where it cannot be read. */
export async function openSqlite(options: SqliteOptions): Promise<OpenSqlite> {
  try {
    return await openFolder(options);
  } catch (cause) {
    if (cause instanceof ControllerError) throw cause;
    throw new ControllerError('storage_failed', `The database in ${options.path} cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function openFolder({ path, log, clock, compactAfterStatements }: SqliteOptions): Promise<OpenSqlite> {
  await using cleanup = new AsyncDisposableStack();
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made !== undefined) for (const parent of new Set([dirname(made), dirname(path)])) await syncFolder(parent);
  cleanup.use(await lockFolder(path));
  const engine = cleanup.adopt(await createSqliteEngine(), (each) => each.close());
  const opened = await openGenerations({ path, engine, log, clock });
  const current: CurrentJournal = { file: opened.journal, generation: opened.last, reloadedAfter: 0 };
  cleanup.defer(() => current.file.close());
  const turns = createMutex(maxWaitMs);
  const compaction = cleanup.use(
    createCompaction({ folder: path, turns, current, statementsLimit: compactAfterStatements, log }),
  );
  compaction.committed({ statements: opened.statements, ms: opened.replayMs, bytes: opened.bytes });
  const store = createStore({ path, engine, current, log, turns });
  const kept = cleanup.move();
  return {
    problems: opened.problems,
    dialect: createJournaledDialect({ ...store, committed: compaction.committed }),
    keepCopy: (label) => keepCopy(path, engine, { turns, label }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Parts = {
  readonly path: string;
  readonly engine: SqliteEngine;
  readonly current: CurrentJournal;
  readonly log: Log;
  readonly turns: Mutex;
};

const createStore = ({ path, engine, current, log, turns }: Parts): Omit<JournaledStore, 'committed'> => ({
  engine,
  turns,
  journal: () => current.file,
  current: () => current.reloadedAfter === current.file.failures(),
  reload: async () => {
    const failures = current.file.failures();
    log.error({}, 'the database could not be written; what did not reach the disk was undone');
    const found = await recoverFolder(path, engine, { generation: current.generation, end: current.file.durableEnd() });
    for (const problem of found?.problems ?? []) log.error({ problem }, 'the database was read anew and is damaged');
    current.reloadedAfter = failures;
  },
  heal: async () => {
    await current.file.heal();
    log.info({}, 'the database can be written again');
  },
});

/** Longer than any transaction of ours takes, even on a disk that stalls. */
const maxWaitMs = 30_000;

/** Three releases back is enough for a person who wants to go back; each copy is a whole database. */
const keptCopies = 3;

async function keepCopy(path: string, engine: SqliteEngine, { turns, label }: { turns: Mutex; label: string }): Promise<void> {
  await turns.lock();
  try {
    await writeWhole(path, join(path, `before-migrating-from-${label}.sqlite`), engine.export());
  } finally {
    turns.unlock();
  }
  const copies = (await readdir(path)).filter((name) => /^before-migrating-from-.*\.sqlite$/.test(name)).sort();
  for (const name of copies.slice(0, -keptCopies)) await rm(join(path, name), { force: true });
}

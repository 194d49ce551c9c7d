// Opens a folder's generations for writing: recovered, cut clean, or begun anew; after damage the old files are kept aside.
import { rm } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { copyAside, journalPath, removeGenerations, removeHalfWritten, syncFolder, writeSnapshot } from './generations.ts';
import { continueJournalFile, createJournalFile, type JournalFile } from './journal-file.ts';
import type { JournalHeader } from './journal-record.ts';
import { type Recovered, recoverFolder } from './recover-folder.ts';
import type { SqliteEngine } from './sqlite-engine.ts';

/** `statements`, `replayMs` and `bytes`: what opening had to replay. */
export type Opened = {
  readonly journal: JournalFile;
  /** The generation of `journal`. */
  readonly last: number;
  readonly problems: readonly string[];
  readonly statements: number;
  readonly replayMs: number;
  readonly bytes: number;
};

type Opening = { readonly path: string; readonly engine: SqliteEngine; readonly log: Log; readonly clock: Clock };

/** Throws what the file system throws. Damage is recovered from as far as it verifies, told in `problems` and logged. */
export async function openGenerations({ path, engine, log, clock }: Opening): Promise<Opened> {
  await removeHalfWritten(path);
  const found = await recoverFolder(path, engine);
  if (found === null) return firstGeneration(path);
  const { last, statements, replayMs, problems } = found;
  if (problems.length > 0) return rebuild({ path, engine, log, clock }, found);
  if (found.incompleteBytes > 0)
    log.info({ bytes: found.incompleteBytes }, 'an incomplete last record of the journal was dropped');
  const journal =
    found.end === 0
      ? await replaceJournal(journalPath(path, last), { generation: last, firstSequence: found.nextSequence })
      : await continueJournalFile(journalPath(path, last), found);
  await syncFolder(path);
  return { journal, problems, last, statements, replayMs, bytes: found.bytes };
}

/** The file's making was cut short before it held anything. */
async function replaceJournal(path: string, header: JournalHeader): Promise<JournalFile> {
  await rm(path, { force: true });
  return createJournalFile(path, header);
}

async function firstGeneration(path: string): Promise<Opened> {
  const journal = await createJournalFile(journalPath(path, 1), { generation: 1, firstSequence: 1 });
  await syncFolder(path);
  return { journal, problems: [], last: 1, statements: 0, replayMs: 0, bytes: 0 };
}

/** After damage: the files are kept as they were, and what could be recovered begins a new generation. */
async function rebuild({ path, engine, log, clock }: Opening, found: Recovered): Promise<Opened> {
  const label = `damaged-${new Date(clock.now()).toISOString().replaceAll(':', '-')}`;
  const copy = await copyAside(path, label).catch((cause: unknown) => {
    throw new ControllerError('storage_failed', `The damaged database could not be copied: ${messageOf(cause)}`, { cause });
  });
  const problems = [...found.problems, `The damaged files are kept in ${copy}.`];
  for (const problem of problems) log.error({ problem }, 'the database was damaged; what could be verified was recovered');
  const generation = found.last + 1;
  const journal = await createJournalFile(journalPath(path, generation), { generation, firstSequence: found.nextSequence });
  await syncFolder(path);
  await writeSnapshot(path, generation, engine.export(), found.nextSequence);
  await removeGenerations(path, generation);
  return { journal, problems, last: generation, statements: 0, replayMs: 0, bytes: 0 };
}

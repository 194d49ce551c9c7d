// The folder of recordings: one file of each run and UTC day, readable by its owner only, since it names viewers.
import { chmod, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** @property start UTC ms at which it began. @property thinned one turn a minute. */
export type RecordingFile = {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
  readonly thinned: boolean;
};

export const FULL = '.turns.rec';
export const THINNED = '.minutes.rec';
/** Behind the name of a file that is being made. */
export const DRAFT = '.draft';
/** `2026-11-27T10-25-26-123Z`, and a number where that one is taken. */
const NAME = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3})Z(?:-\d+)?(\.turns\.rec|\.minutes\.rec)$/;
const MOST_SAME = 1_000;

/** Oldest first. Files of others are left alone. @throws what the file system says, but none where the folder is not there. */
export async function listRecordings(folder: string): Promise<readonly RecordingFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files = await Promise.all(names.map((name) => describe(folder, name)));
  return files.filter((file) => file !== null).sort((a, b) => a.start - b.start || (a.name < b.name ? -1 : 1));
}

async function describe(folder: string, name: string): Promise<RecordingFile | null> {
  const [, hour, minute, second, ms, suffix] = NAME.exec(name) ?? [];
  const start = Date.parse(`${hour}:${minute}:${second}.${ms}Z`);
  if (Number.isNaN(start)) return null;
  const facts = await stat(join(folder, name)).catch(() => null);
  return facts?.isFile() ? { name, start, bytes: facts.size, thinned: suffix === THINNED } : null;
}

/** Open for appending. */
export type NewRecording = AsyncDisposable & { readonly name: string; append(bytes: Buffer): Promise<void> };

/** Begins a file with its header. What a power cut leaves of the last seconds is dropped by the reader, so nothing is synced. */
export async function createRecording(folder: string, utcMs: number, header: Buffer): Promise<NewRecording> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const stem = new Date(utcMs).toISOString().replaceAll(/[:.]/g, '-');
  for (let again = 1; again < MOST_SAME; again += 1) {
    const name = `${stem}${again === 1 ? '' : `-${again}`}${FULL}`;
    const file = await open(join(folder, name), 'wx', 0o600).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return null;
      throw error;
    });
    if (file === null) continue;
    const append = async (bytes: Buffer): Promise<void> => {
      await file.appendFile(bytes);
    };
    try {
      await append(header);
    } catch (error) {
      await file.close();
      await rm(join(folder, name), { force: true });
      throw error;
    }
    return { name, append, [Symbol.asyncDispose]: () => file.close() };
  }
  throw new Error(`${stem} is taken ${MOST_SAME} times`);
}

export const removeRecording = (folder: string, name: string): Promise<void> => rm(join(folder, name), { force: true });

/** What an interrupted thinning left. */
export async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (name.endsWith(`${THINNED}${DRAFT}`)) await removeRecording(folder, name);
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

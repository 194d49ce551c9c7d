// A log file with an end: set aside when it is full, a fixed number kept, old ones deleted. Writes are queued and bounded.
import { closeSync, openSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ControllerError, messageOf } from '../errors.ts';

export type RotatingFileOptions = {
  readonly path: string;
  readonly maxBytes: number;
  /** Files set aside that are kept, as `path.1` (newest) to `path.N`. */
  readonly backups: number;
  readonly retentionDays: number;
  /** UTC ms, for the age of files. */
  readonly now: () => number;
  /** Told once when writing begins to fail, and with null once it works again. */
  readonly onTrouble: (problem: string | null) => void;
};

export type RotatingFile = AsyncDisposable & { write(line: string): void };

/** What may wait for a slow disk; lines beyond it are counted and left out. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const RETENTION_CHECK_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MODE = 0o640;

/** @throws ControllerError config_invalid where the file cannot be written, so that Headgate does not start without the log that was asked for. */
export function openRotatingFile(options: RotatingFileOptions): RotatingFile {
  try {
    closeSync(openSync(options.path, 'a', MODE));
  } catch (cause) {
    throw new ControllerError('config_invalid', `logging.file: ${options.path} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  }
  const files = createFiles(options);
  const waiting: string[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let failing = false;
  let flushing: Promise<void> | null = null;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const lines = takeBatch(waiting, options.maxBytes / 4);
      const told = dropped;
      waitingBytes -= Buffer.byteLength(lines.join(''));
      try {
        await files.append([...(told === 0 ? [] : [lostLine(options.now(), told)]), ...lines].join(''));
        dropped -= told;
        if (failing) options.onTrouble(null);
        failing = false;
      } catch (error) {
        dropped += lines.length;
        if (!failing) options.onTrouble(messageOf(error));
        failing = true;
      }
    }
    flushing = null;
  }

  return {
    write(line) {
      if (waitingBytes > MAX_WAITING_BYTES) {
        dropped += 1;
        return;
      }
      waiting.push(line);
      waitingBytes += Buffer.byteLength(line);
      flushing ??= flush();
    },
    async [Symbol.asyncDispose]() {
      await flushing;
      await files.close();
    },
  };
}

const lostLine = (at: number, dropped: number): string =>
  `${JSON.stringify({ time: new Date(at).toISOString(), level: 'warn', text: 'log lines lost', dropped })}\n`;

/** The file and those set aside. One call at a time. */
function createFiles({ path, maxBytes, backups, retentionDays, now }: RotatingFileOptions) {
  let file: FileHandle | null = null;
  let bytes = 0;
  let checkedAt = Number.NEGATIVE_INFINITY;

  async function rotate(): Promise<void> {
    await file?.close();
    file = null;
    for (let n = backups; n >= 1; n--) await renameIfThere(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`);
    if (backups === 0) await rm(path, { force: true });
    await deleteOld();
  }

  /** Files beyond the number (it may have been lowered) or beyond the age. Only names that we give are touched. */
  async function deleteOld(): Promise<void> {
    checkedAt = now();
    try {
      const prefix = `${basename(path)}.`;
      for (const name of await readdir(dirname(path))) {
        const number = name.startsWith(prefix) ? /^[1-9]\d{0,3}$/.exec(name.slice(prefix.length)) : null;
        if (number === null) continue;
        const aside = join(dirname(path), name);
        const { mtimeMs } = await stat(aside);
        if (Number(number[0]) > backups || checkedAt - mtimeMs > retentionDays * DAY_MS) await rm(aside, { force: true });
      }
    } catch {
      // Housekeeping that fails must not cost a line; it is tried again in an hour.
    }
  }

  return {
    async append(batch: string): Promise<void> {
      if (Math.abs(now() - checkedAt) > RETENTION_CHECK_MS) await deleteOld();
      const size = Buffer.byteLength(batch);
      if (file === null) {
        file = await open(path, 'a', MODE);
        bytes = (await file.stat()).size;
      }
      if (bytes > 0 && bytes + size > maxBytes) {
        await rotate();
        file = await open(path, 'a', MODE);
        bytes = 0;
      }
      await file.appendFile(batch);
      bytes += size;
    },
    async close(): Promise<void> {
      await file?.close();
      file = null;
    },
  };
}

/** Takes whole lines from the front, so many that few writes are needed and none is much larger than `most`. */
function takeBatch(waiting: string[], most: number): readonly string[] {
  let length = 0;
  const end = waiting.findIndex((line, index) => {
    length += line.length;
    return index > 0 && length > most;
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

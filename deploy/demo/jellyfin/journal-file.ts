// What the simulated server's database takes often: a line each, so that a process that is killed has lost nothing that it acknowledged.
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Journal<T> = {
  /** Of the time before; taken away when it is asked for. */
  takeStored(): readonly T[];
  append(entry: T): void;
  /** In place of all that stands there. */
  rewrite(entries: Iterable<T>): void;
};

/** Without a file nothing is kept. A last line that was cut off is forgotten. */
export function openJournal<T>(file: string | undefined): Journal<T> {
  let stored: T[] = file === undefined ? [] : read<T>(file);
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  return {
    takeStored() {
      const taken = stored;
      stored = [];
      return taken;
    },
    append(entry) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    },
    rewrite(entries) {
      if (file === undefined) return;
      writeFileSync(`${file}.new`, [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

function read<T>(file: string): T[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n');
  const cut = lines.pop();
  if (cut !== undefined && cut !== '') lines.push(...(isWhole(cut) ? [cut] : []));
  return lines.map((line) => JSON.parse(line) as T);
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

// The shaper's original on the agent's disk: there before the first write, gone when it is back.
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { AgentError, messageOf } from '../errors.ts';
import type { KeptOriginal } from './plan-shaper.ts';

const kbit = z.int().check(z.nonnegative());
const rates = z.object({ uploadKbit: kbit, downloadKbit: kbit });
const kept = z.object({ section: z.string(), original: rates, written: z.array(rates) });

export type OriginalFile = {
  /** Undefined where nothing is kept. @throws AgentError `storage_failed` for a file that cannot be read: then nothing may be written either */
  readonly load: () => Promise<KeptOriginal | undefined>;
  /** On the disk when it resolves, the folder's entry included. */
  readonly save: (value: KeptOriginal) => Promise<void>;
  readonly clear: () => Promise<void>;
};

export function openOriginalFile(path: string): OriginalFile {
  const failed = (doing: string, cause: unknown): AgentError =>
    new AgentError('storage_failed', `cannot ${doing} ${path}: ${messageOf(cause)}`, { cause });
  return {
    async load() {
      try {
        return z.parse(kept, JSON.parse(await readFile(path, 'utf8')));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw failed('read', error);
      }
    },
    async save(value) {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeDurably(`${path}.new`, JSON.stringify(value));
        await rename(`${path}.new`, path);
        await syncFolder(dirname(path));
      } catch (error) {
        throw failed('write', error);
      }
    },
    async clear() {
      try {
        await unlink(path);
        await syncFolder(dirname(path));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw failed('remove', error);
      }
    },
  };
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.datasync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

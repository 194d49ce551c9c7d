// A journal's file handle that counts, waits and fails as a test tells it to.
import type { JournalHandle } from '../../src/database/journal-file.ts';

type Told = { writes: number; syncs: number; size: number; failWrite: boolean; failSync: boolean; release: (() => void) | null };

export type TellingHandle = JournalHandle & { readonly told: Told };

/** Keeps no bytes. While `held`, syncs wait for `release`. */
export function tellingHandle(held = false): TellingHandle {
  const told: Told = { writes: 0, syncs: 0, size: 0, failWrite: false, failSync: false, release: null };
  const handle = {
    told,
    write: async (_: Uint8Array, __: number, length: number, position: number) => {
      if (told.failWrite) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      told.writes += 1;
      told.size = Math.max(told.size, position + length);
      return { bytesWritten: length, buffer: _ };
    },
    datasync: async () => {
      told.syncs += 1;
      if (held) await new Promise<void>((resolve) => (told.release = resolve));
      if (told.failSync) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    },
    truncate: async (length: number) => {
      told.size = length;
    },
    close: async () => {},
  };
  return handle as unknown as TellingHandle;
}

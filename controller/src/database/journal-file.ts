// Appends to one journal file. Records that arrive while a sync runs share the next one (group commit).
import { Buffer } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { encodeJournalHeader, encodeRecord, type JournalHeader } from './journal-record.ts';

/** The part of node:fs's FileHandle that a journal needs; tests hand in one that fails. */
export type JournalHandle = Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>;

export type JournalFile = {
  /** The sequence that the next appended record gets. */
  nextSequence(): number;
  /** Bytes that are on the disk for certain. */
  durableEnd(): number;
  /** Takes the record at once and resolves when it is on the disk. Rejects with the file system's error, as do all others then. */
  append(payload: Buffer): Promise<void>;
  /** Resolves when all that was appended before is on the disk; null when it is already. */
  settled(): Promise<void> | null;
  /** How often a write failed so far. Whoever keeps the journal's content in memory reads the file again when it rises. */
  failures(): number;
  /** True from a failure until `heal` worked; nothing may be appended meanwhile. */
  failed(): boolean;
  /** Cuts off what did not reach the disk and proves that it takes data again. Throws while it does not. */
  heal(): Promise<void>;
  close(): Promise<void>;
};

/** Where an existing file goes on. */
export type JournalPosition = { readonly end: number; readonly nextSequence: number };

/** More than a usual record, so that a disk with a few free bytes left does not pass as healthy. */
const probeBytes = 64 * 1024;

/** Makes a new journal file, durable with its header; the caller syncs the folder. Fails if the file exists. */
export async function createJournalFile(path: string, header: JournalHeader): Promise<JournalFile> {
  const handle = await open(path, 'wx', 0o600);
  const bytes = encodeJournalHeader(header);
  await writeAll(handle, bytes, 0);
  await handle.datasync();
  return appendTo(handle, { end: bytes.length, nextSequence: header.firstSequence });
}

/** Goes on with an existing file, cutting off an incomplete last record. */
export async function continueJournalFile(path: string, position: JournalPosition): Promise<JournalFile> {
  const handle = await open(path, 'r+', 0o600);
  if ((await handle.stat()).size !== position.end) {
    await handle.truncate(position.end);
    await handle.datasync();
  }
  return appendTo(handle, position);
}

type Group = { readonly records: Buffer[]; readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void };

/** The appending half, over an open handle (the seam for tests of failing disks). */
export function appendTo(handle: JournalHandle, position: JournalPosition): JournalFile {
  let durable = position.end;
  let durableSequence = position.nextSequence;
  let next = position.nextSequence;
  let waiting: Group | null = null;
  let writing: Group | null = null;
  let failures = 0;
  let failed = false;
  const flush = async (): Promise<void> => {
    while (waiting !== null) {
      const group: Group = waiting;
      waiting = null;
      writing = group;
      const bytes = group.records.length === 1 ? (group.records[0] ?? Buffer.alloc(0)) : Buffer.concat(group.records);
      try {
        await writeAll(handle, bytes, durable);
        await handle.datasync();
      } catch (error) {
        // What was appended meanwhile was made on top of this group, so it goes with it.
        const lost = [group, waiting];
        waiting = null;
        writing = null;
        next = durableSequence;
        failures += 1;
        failed = true;
        for (const each of lost) each?.reject(error);
        return;
      }
      durable += bytes.length;
      durableSequence += group.records.length;
      group.resolve();
    }
    writing = null;
  };
  return {
    nextSequence: () => next,
    durableEnd: () => durable,
    failures: () => failures,
    failed: () => failed,
    append: (payload) => {
      if (failed) return Promise.reject(new Error('the journal waits to be healed after a failed write'));
      waiting ??= newGroup();
      waiting.records.push(encodeRecord(next, payload));
      next += 1;
      const { promise } = waiting;
      if (writing === null) void flush();
      return promise;
    },
    settled: () => (waiting ?? writing)?.promise ?? null,
    heal: async () => {
      await handle.truncate(durable);
      await writeAll(handle, Buffer.alloc(probeBytes), durable);
      await handle.datasync();
      await handle.truncate(durable);
      await handle.datasync();
      failed = false;
    },
    close: async () => {
      await (waiting ?? writing)?.promise.catch(() => {});
      await handle.close();
    },
  };
}

const newGroup = (): Group => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {}); // each append hears of a failure itself; nobody need wait for it
  return { records: [], promise, resolve, reject };
};

/** A single write may take only a part, e.g. where the disk fills up; the next then says why. */
async function writeAll(handle: Pick<FileHandle, 'write'>, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk took nothing');
    done += bytesWritten;
  }
}

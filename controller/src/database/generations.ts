// The database folder's files: generation N is snapshot-N.sqlite (the state at its start) and journal-N.log (what came after).
import type { Buffer } from 'node:buffer';
import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Generation numbers, ascending. Generation 1 has no snapshot: it begins empty. */
export type Generations = { readonly snapshots: readonly number[]; readonly journals: readonly number[] };

/** `sound`: the bytes are those that were written, by the checksum beside them. */
export type Snapshot = { readonly bytes: Buffer; readonly sound: boolean; readonly firstSequence: number | null };

const snapshotPath = (folder: string, generation: number): string => join(folder, `snapshot-${generation}.sqlite`);
export const journalPath = (folder: string, generation: number): string => join(folder, `journal-${generation}.log`);
const sumPath = (folder: string, generation: number): string => join(folder, `snapshot-${generation}.sum`);

const named = /^(snapshot|journal)-(\d{1,9})\.(sqlite|log|sum)$/;

export async function listGenerations(folder: string): Promise<Generations> {
  const snapshots: number[] = [];
  const journals: number[] = [];
  for (const name of await readdir(folder)) {
    const [, , number, ending] = named.exec(name) ?? [];
    if (ending === 'sqlite') snapshots.push(Number(number));
    if (ending === 'log') journals.push(Number(number));
  }
  const ascending = (a: number, b: number): number => a - b;
  return { snapshots: snapshots.sort(ascending), journals: journals.sort(ascending) };
}

/** A file's name is durable only when its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Whole or not at all: temporary name, fsync, rename, fsync of the folder. */
export async function writeWhole(folder: string, path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    {
      await using handle = await open(temporary, 'w', 0o600);
      await handle.writeFile(bytes);
      await handle.sync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }); // on a full disk, half a snapshot takes the space that the journal needs
    throw error;
  }
  await syncFolder(folder);
}

/** `firstSequence`: that of the first record which is not in the snapshot. The checksum goes first: a snapshot never lacks it. */
export async function writeSnapshot(folder: string, generation: number, bytes: Uint8Array, firstSequence: number): Promise<void> {
  await writeWhole(folder, sumPath(folder, generation), `${crc32(bytes)} ${bytes.length} ${firstSequence}\n`);
  await writeWhole(folder, snapshotPath(folder, generation), bytes);
}

/** Reads a snapshot and its checksum; a snapshot that somebody edited with another tool is not `sound`. */
export async function readSnapshot(folder: string, generation: number): Promise<Snapshot> {
  const bytes = await readFile(snapshotPath(folder, generation));
  const sum = await readFile(sumPath(folder, generation), 'utf8').catch(() => '');
  const [crc, length, sequence] = sum.trim().split(' ').map(Number);
  const sound = length === bytes.length && crc === crc32(bytes);
  return { bytes, sound, firstSequence: sequence ?? null };
}

/** Removes what generations below `keepFrom` left behind. */
export async function removeGenerations(folder: string, keepFrom: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const number = Number(named.exec(name)?.[2] ?? Number.NaN);
    if (number < keepFrom) await rm(join(folder, name), { force: true });
  }
}

/** What writeWhole leaves when the process is killed. */
const halfWritten = /^(snapshot-\d{1,9}\.(sqlite|sum)|before-migrating-from-.*\.sqlite)\.tmp$/;

export async function removeHalfWritten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (halfWritten.test(name)) await rm(join(folder, name), { force: true });
}

/** Copies all generations into a folder of their own, durable, before anything of them is changed. Returns its path. */
export async function copyAside(folder: string, label: string): Promise<string> {
  const target = join(folder, label);
  await mkdir(target, { mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (!named.test(name)) continue;
    await copyFile(join(folder, name), join(target, name));
    await using copied = await open(join(target, name), 'r');
    await copied.sync();
  }
  await syncFolder(target);
  await syncFolder(folder);
  return target;
}

// A person's word that a great removal was meant: a file of its own, which another process writes while the node runs.
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readIfThere, writeAtomically } from './atomic-file.ts';

/** By group: the version that was confirmed. */
const confirmed = z.record(z.string(), z.int());

const fileOf = (folder: string): string => join(folder, 'confirmed.json');

/** Empty where nothing was, or where it cannot be read: then nothing goes. */
export async function confirmedRemovals(folder: string): Promise<Readonly<Record<string, number>>> {
  const text = await readIfThere(fileOf(folder));
  try {
    return z.parse(confirmed, JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

export async function confirmRemovals(folder: string, group: string, version: number): Promise<void> {
  await writeAtomically(fileOf(folder), JSON.stringify({ ...(await confirmedRemovals(folder)), [group]: version }));
}

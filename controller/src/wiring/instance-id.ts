// A name for this installation that stays: Jellyfin tells sessions of two programs apart by it.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'instance-id';

/** 16 hex digits, made once and kept in the data folder, which must exist. */
export async function instanceId(folder: string): Promise<string> {
  const path = join(folder, FILE);
  const kept = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (/^[0-9a-f]{16}$/.test(kept)) return kept;
  const made = randomBytes(8).toString('hex');
  await writeFile(path, `${made}\n`, { mode: 0o600 });
  return made;
}

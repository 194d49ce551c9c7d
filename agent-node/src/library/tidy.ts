// What is left over below the node's own folder: bytes of items that are not wanted any more or lie at their place, old wrong bytes.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryPaths } from './library-paths.ts';

/** For a person who wants to see what was wrong with them. */
const MOST_QUARANTINED = 5;

/** `keys` of all that is wanted and not there yet: their staging stays. */
export async function tidyOwnFolders({ staging, quarantine }: LibraryPaths, keys: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(staging)) {
    if (!keys.has(name.replace(/-swarm$/, ''))) await rm(join(staging, name), { recursive: true, force: true });
  }
  const files = await Promise.all(
    (await readdir(quarantine)).map(async (name) => ({ name, atMs: (await stat(join(quarantine, name))).ctimeMs })),
  );
  const old = files.sort((a, b) => b.atMs - a.atMs).slice(MOST_QUARANTINED);
  for (const { name } of old) await rm(join(quarantine, name), { recursive: true, force: true });
}

// Files that lie in the library already: one whose sha256 is right need not be fetched.

import { join } from 'node:path';
import type { Log } from '@headgate/agent-router/agent-ground';
import type { Hasher } from './hasher.ts';
import { newlyPlaced } from './newly-placed.ts';
import type { NodeState } from './node-state.ts';
import type { ItemPlan } from './plan-library.ts';
import { lookAt } from './safe-path.ts';
import type { WantedFile } from './wanted.ts';

type Deps = { readonly root: string; readonly hasher: Hasher; readonly state: NodeState; readonly log: Log };

/** Reads each file of `look` once, and puts it into the record where it is good. Answers with those that are not. */
export async function adoptFiles(
  { root, hasher, state, log }: Deps,
  { item, look }: ItemPlan,
  signal: AbortSignal,
): Promise<readonly WantedFile[]> {
  const bad: WantedFile[] = [];
  for (const file of look) {
    const before = await lookAt(root, file.path);
    const found = before?.isFile() === true ? await digest(hasher, join(root, file.path), before.size, signal) : null;
    const after = await lookAt(root, file.path);
    // Changed while it was read: what we know is of neither.
    if (before === null || found !== file.sha256 || after?.mtimeMs !== before.mtimeMs || after.size !== before.size) {
      log.info({ path: file.path }, 'what lies there is something else: fetched anew, and the old one goes to the trash then');
      bad.push(file);
      continue;
    }
    await state.put(newlyPlaced(item, file, before));
    log.info({ path: file.path }, 'it lay there already, and is verified');
  }
  return bad;
}

async function digest(hasher: Hasher, path: string, size: number, signal: AbortSignal): Promise<string | null> {
  const hashing = hasher.open(path);
  try {
    return await hashing.digest(size, signal);
  } catch {
    signal.throwIfAborted();
    return null;
  } finally {
    hashing.close();
  }
}

// Takes in the manifests of the server that this takes the place of: once, for groups that are not known yet.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { groupManifest, groupName, type ManifestItem } from '@headgate/protocol';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Manifests } from './sealed-manifests.ts';

const MAX_BYTES = 10_000_000;
const MAX_FILES = 1_000;

/** A file that is no manifest is told, and left alone. @param groups the only groups that there may be; null: any */
export async function importManifests(
  folder: string,
  { manifests, groups, log }: { manifests: Manifests; groups: readonly string[] | null; log: Log },
): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    log.warn({ folder, error: messageOf(error) }, 'the folder of manifests cannot be read');
    return [];
  });
  for (const file of names.filter((name) => name.endsWith('.json')).slice(0, MAX_FILES)) {
    const group = file.slice(0, -'.json'.length);
    if (manifests.get(group) !== null) continue;
    const read =
      groups === null || groups.includes(group) ? await readManifest(join(folder, file), group) : 'its group is not configured';
    if (typeof read === 'string') {
      log.warn({ file, problem: read }, 'a manifest was not taken in');
      continue;
    }
    // Whoever was quicker with this group is right.
    await manifests.change(group, (before) => (before === null ? read : null));
    log.info({ file, group, items: read.length }, 'a manifest was taken in');
  }
}

/** A sentence where it is none. */
async function readManifest(path: string, group: string): Promise<readonly ManifestItem[] | string> {
  try {
    if (!groupName.safeParse(group).success) return 'its name cannot be a group’s';
    if ((await stat(path)).size > MAX_BYTES) return `is larger than ${MAX_BYTES} bytes`;
    const given: unknown = JSON.parse(await readFile(path, 'utf8'));
    const result = groupManifest.safeParse({ ...(given as object), group, signature: undefined, version: undefined });
    if (result.success) return result.data.items;
    const [issue] = result.error.issues;
    return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`;
  } catch (error) {
    return messageOf(error);
  }
}

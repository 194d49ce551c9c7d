// The last trusted manifest of each group, on disk: after a restart a 304 is enough.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { groupName } from '@headgate/protocol';
import * as z from 'zod/mini';
import type { ManifestStore } from '../manifest/group-follower.ts';
import { readIfThere, writeAtomically } from './atomic-file.ts';

const stored = z.object({
  text: z.string(),
  etag: z.nullable(z.string()),
  trusted: z.object({ key: z.nullable(z.string()), version: z.nullable(z.int()), signature: z.nullable(z.string()) }),
});

/** One that is damaged is as none: but then the key is forgotten too, so that is an error and no warning. @throws where it is damaged */
export function openManifestFiles(folder: string): ManifestStore {
  const fileOf = (key: string): string => {
    const name = z.safeParse(groupName, key).success ? key : createHash('sha256').update(key).digest('hex').slice(0, 32);
    return join(folder, `manifest-${name}.json`);
  };
  return {
    async read(key) {
      const text = await readIfThere(fileOf(key));
      return text === null ? null : z.parse(stored, JSON.parse(text));
    },
    write: (key, value) => writeAtomically(fileOf(key), JSON.stringify(value)),
  };
}

// The path maps of earlier runs: items without ids are known by their mapped paths.
import type { Kysely } from 'kysely';
import { readSetting, writeSetting } from '../asked/setting-store.ts';
import type { SwitchTables } from '../asked/sync-switch.ts';
import type { PathMap } from './path-maps.ts';

const NAME = 'path maps';
/** Somebody who tries things out changes them a few times. */
const MOST = 5;

/** Remembers those of this run; answers with those of earlier ones that were others. @throws ControllerError storage_failed */
export async function formerPathMaps(
  db: Kysely<SwitchTables>,
  now: readonly PathMap[],
): Promise<readonly (readonly PathMap[])[]> {
  const known = ((await readSetting(db, NAME)) ?? []) as readonly (readonly PathMap[])[];
  const plain = now.map(({ server, from, to }) => ({ server, from, to }));
  const others = known.filter((maps) => JSON.stringify(maps) !== JSON.stringify(plain));
  await writeSetting(db, NAME, [...others, plain].slice(-MOST));
  return others;
}

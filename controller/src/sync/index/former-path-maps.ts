// The path maps of earlier runs: items without ids are known by their mapped paths.
import type { Kysely } from 'kysely';
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
  const row = await db.selectFrom('sync_settings').select('value').where('name', '=', NAME).executeTakeFirst();
  const known = row === undefined ? [] : (JSON.parse(row.value) as readonly (readonly PathMap[])[]);
  const plain = now.map(({ server, from, to }) => ({ server, from, to }));
  const others = known.filter((maps) => JSON.stringify(maps) !== JSON.stringify(plain));
  const kept = { value: JSON.stringify([...others, plain].slice(-MOST)) };
  await db
    .insertInto('sync_settings')
    .values({ name: NAME, ...kept })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(kept))
    .execute();
  return others;
}

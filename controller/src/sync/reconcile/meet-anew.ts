// What was not kept the same before, and is now: a kind that was switched off, a server that only was written to. Who was met already is met once more in that.
import type { Kysely } from 'kysely';
import type { WatchField } from '../../neighbours/watch-state.ts';
import { readSetting, writeSetting } from '../asked/setting-store.ts';
import type { SwitchTables } from '../asked/sync-switch.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { FIELDS, kindOf, type WatchKind } from '../state/watch-fields.ts';

export type AnewTables = SyncTables & SwitchTables;
type Tx = Kysely<AnewTables>;

/** By server, the fields in which what is done there counts. */
export type Heard = ReadonlyMap<string, readonly WatchField[]>;

type Settings = {
  readonly directions: ReadonlyMap<string, 'both' | 'source' | 'target'>;
  readonly kinds: Readonly<Record<WatchKind, boolean>>;
};

export const heardFrom = ({ directions, kinds }: Settings): Heard => {
  const synced = FIELDS.filter((field) => kinds[kindOf(field)]);
  return new Map([...directions].map(([server, direction]) => [server, direction === 'target' ? [] : synced]));
};

const settings = (tx: Tx): Kysely<SwitchTables> => tx as unknown as Kysely<SwitchTables>;

const HEARD = 'heard';
const nameOf = (server: string, userId: string): string => `anew ${server} ${userId}`;

/**
 * Once, at the start, before anybody is compared. Whoever is to be met anew counts as not met until then, so that nothing is written there before it is known
 * what they have. Answers with the servers. @throws ControllerError storage_failed
 */
export async function meetAnew(db: Tx, heard: Heard): Promise<readonly string[]> {
  return await db.transaction().execute(async (tx) => {
    const before = (await readSetting(settings(tx), HEARD)) as Readonly<Record<string, readonly WatchField[]>> | null;
    await writeSetting(settings(tx), HEARD, { ...before, ...Object.fromEntries(heard) });
    const anew: string[] = [];
    for (const [server, fields] of heard) {
      const was = before?.[server];
      const more = was === undefined ? [] : fields.filter((field) => !was.includes(field));
      if (more.length === 0) continue;
      anew.push(server);
      await forgetMeetings(tx, server, more);
    }
    return anew;
  });
}

async function forgetMeetings(tx: Tx, server: string, fields: readonly WatchField[]): Promise<void> {
  for (const { user_id: userId } of await tx
    .selectFrom('sync_alignments')
    .select('user_id')
    .where('server', '=', server)
    .execute()) {
    const left = (await fieldsAnew(tx, server, userId)) ?? [];
    await writeSetting(settings(tx), nameOf(server, userId), [...new Set([...left, ...fields])]);
  }
  await tx.deleteFrom('sync_alignments').where('server', '=', server).execute();
}

/** In what this user is to be met once more; null: in everything that nothing is known of. */
export const fieldsAnew = async (tx: Tx, server: string, userId: string): Promise<readonly WatchField[] | null> =>
  (await readSetting(settings(tx), nameOf(server, userId))) as readonly WatchField[] | null;

export async function wasMetAnew(tx: Tx, server: string, userId: string): Promise<void> {
  await tx.deleteFrom('sync_settings').where('name', '=', nameOf(server, userId)).execute();
}

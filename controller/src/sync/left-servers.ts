// Servers that are configured no more. What was last seen there stays for half a year, so that one which comes back is as one that was off: what was taken
// back elsewhere meanwhile does not come back with it. What waits for such a server, or for an answer about it, goes at once.
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import { readSetting, writeSetting } from './asked/setting-store.ts';
import type { SwitchTables } from './asked/sync-switch.ts';
import type { GuardTables } from './guard/guard-tables.ts';
import { dropPlace, type ListTables, readPlaces } from './playlists/list-store.ts';
import type { MeetingTables } from './reconcile/meeting-report.ts';

export type LeftTables = GuardTables & ListTables & MeetingTables & SwitchTables;

type Tx = Kysely<LeftTables>;

const settings = (tx: Tx): Kysely<SwitchTables> => tx as unknown as Kysely<SwitchTables>;

const KEPT_MS = 180 * 86_400_000;

/** The name of the setting that says since when; its value is UTC ms. */
const nameOf = (server: string): string => `left ${server}`;

type Now = { readonly servers: readonly string[]; readonly nowMs: number; readonly log: Pick<Log, 'info'> };

/** Once, at the start. @throws ControllerError storage_failed */
export async function tidyLeftServers(db: Kysely<LeftTables>, { servers, nowMs, log }: Now): Promise<void> {
  const left: string[] = [];
  const forgotten: string[] = [];
  let dropped = 0;
  await db.transaction().execute(async (tx) => {
    for (const server of servers) await tx.deleteFrom('sync_settings').where('name', '=', nameOf(server)).execute();
    for (const server of await otherServers(tx, servers)) {
      const sinceMs = await leftMs(tx, server);
      dropped += await dropWaiting(tx, server, nowMs);
      if (sinceMs === null) {
        left.push(server);
        await writeSetting(settings(tx), nameOf(server), nowMs);
      } else if (nowMs - sinceMs >= KEPT_MS) {
        forgotten.push(server);
        await forget(tx, server);
      }
    }
  });
  if (left.length + dropped > 0)
    log.info(
      { servers: left, dropped },
      'sync: servers are configured no more; what waited for them is dropped, what was seen there is kept for half a year',
    );
  if (forgotten.length > 0) log.info({ servers: forgotten }, 'sync: what was seen of servers that are long gone is forgotten');
}

/** All of which something is kept. */
async function otherServers(tx: Tx, servers: readonly string[]): Promise<readonly string[]> {
  const rows = [
    ...(await tx.selectFrom('sync_alignments').select('server').distinct().execute()),
    ...(await tx.selectFrom('sync_queue').select('server').distinct().execute()),
    ...(await tx.selectFrom('sync_list_places').select('server').distinct().execute()),
    ...(await tx.selectFrom('sync_holds').select('server').distinct().where('status', '=', 'open').execute()),
  ];
  return [...new Set(rows.map(({ server }) => server))].filter((server) => !servers.includes(server)).sort();
}

const leftMs = async (tx: Tx, server: string): Promise<number | null> =>
  (await readSetting(settings(tx), nameOf(server))) as number | null;

/** Of a doubtful loss nobody will know more: it does not count. Answers with how many writings waited. */
async function dropWaiting(tx: Tx, server: string, nowMs: number): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('sync_queue').where('server', '=', server).executeTakeFirst();
  await tx
    .updateTable('sync_holds')
    .set({ status: 'discarded', closed_ms: nowMs })
    .where('server', '=', server)
    .where('status', '=', 'open')
    .execute();
  for (const table of ['sync_held', 'sync_losses', 'sync_doubts'] as const)
    await tx.deleteFrom(table).where('server', '=', server).execute();
  return Number(numDeletedRows);
}

async function forget(tx: Tx, server: string): Promise<void> {
  for (const table of ['sync_shadows', 'sync_alignments', 'sync_meetings'] as const)
    await tx.deleteFrom(table).where('server', '=', server).execute();
  // A list that was deleted everywhere else was kept for its place there.
  for (const place of await readPlaces(tx as unknown as Kysely<ListTables>, { server }))
    await dropPlace(tx as unknown as Kysely<ListTables>, place);
  await tx.deleteFrom('sync_settings').where('name', '=', nameOf(server)).execute();
}

// What the first comparing of a user found, and what it has written where: kept, so that it can be read before anything is switched on.
import type { Kysely } from 'kysely';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { kindOf, type WatchKind } from '../state/watch-fields.ts';

export type MeetingTables = {
  sync_meetings: { server: string; user_id: string; person: string; at_ms: number; report: string };
};

/** Items, and of them those with something of each kind. Each writing counts for the later of the two meetings that made it necessary. */
export type MeetingWrites = Readonly<Record<WatchKind | 'items', number>>;

export type MeetingReport = {
  /** Items that this user touched there. */
  readonly touched: number;
  /** Of them, those that made something new agreed. */
  readonly joined: number;
  /** By the server that is written to. */
  readonly writes: Readonly<Record<string, MeetingWrites>>;
};

export type MeetingCounts = {
  /** So much is to be written to this server. */
  note(server: string, plan: WatchChange): void;
  writes(): MeetingReport['writes'];
};

export function countMeeting(): MeetingCounts {
  const counts = new Map<string, Record<WatchKind | 'items', number>>();
  return {
    note(server, plan) {
      const own = counts.get(server) ?? { items: 0, progress: 0, watched: 0, favourites: 0, ratings: 0 };
      counts.set(server, own);
      own.items += 1;
      for (const kind of new Set(Object.keys(plan).map((field) => kindOf(field as WatchField)))) own[kind] += 1;
    },
    writes: () => Object.fromEntries(counts),
  };
}

export async function keepMeeting(
  db: Kysely<MeetingTables>,
  { server, userId, person }: { readonly server: string; readonly userId: string; readonly person: string },
  { atMs, report }: { readonly atMs: number; readonly report: MeetingReport },
): Promise<void> {
  const row = { person, at_ms: atMs, report: JSON.stringify(report) };
  await db
    .insertInto('sync_meetings')
    .values({ server, user_id: userId, ...row })
    .onConflict((conflict) => conflict.columns(['server', 'user_id']).doUpdateSet(row))
    .execute();
}

/** Whether all of it was done: it is reported last. */
export async function wasReported(db: Kysely<MeetingTables>, server: string, userId: string): Promise<boolean> {
  const query = db.selectFrom('sync_meetings').select('at_ms').where('server', '=', server).where('user_id', '=', userId);
  return (await query.executeTakeFirst()) !== undefined;
}

/** It is held once more. */
export async function forgetMeeting(db: Kysely<SyncTables & MeetingTables>, server: string, userId: string): Promise<void> {
  await db.deleteFrom('sync_meetings').where('server', '=', server).where('user_id', '=', userId).execute();
}

/** Of these servers, by server and person. */
export async function readMeetings(db: Kysely<MeetingTables>, servers: readonly string[]) {
  if (servers.length === 0) return [];
  const rows = await db
    .selectFrom('sync_meetings')
    .selectAll()
    .where('server', 'in', servers)
    .orderBy('server')
    .orderBy('person')
    .execute();
  return rows.map(({ server, user_id: userId, person, at_ms: atMs, report }) => ({
    ...{ server, userId, person, atMs },
    ...(JSON.parse(report) as MeetingReport),
  }));
}

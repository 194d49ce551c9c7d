// What is to be told of playlists: each with where it is, what keeps it from being the same, and what is left alone.
import type { Kysely } from 'kysely';
import { type ListTables, readListLog, readLists, readPlaces } from './list-store.ts';

/** `two-of-one-name`: on that server, so that nobody can tell which is meant. `whose`: several administrators see it, and the server does not say who made it. */
export type UnclearOf = {
  readonly server: string;
  readonly person: string;
  readonly name: string;
  readonly why: 'two-of-one-name' | 'whose';
};

export type ListsOverview = {
  readonly lists: readonly {
    readonly id: string;
    readonly person: string;
    readonly name: string;
    readonly entries: number;
    /** It was deleted, and is not gone everywhere yet. */
    readonly deleted: boolean;
    readonly places: readonly {
      readonly server: string;
      readonly there: boolean;
      /** Of the list's entries, those that are there. */
      readonly entries: number;
      /** Why it is not as agreed; null: it is, or will be at once. */
      readonly problem: string | null;
    }[];
  }[];
  readonly unclear: readonly UnclearOf[];
  /** Servers that do not answer, and since when, UTC ms: what is for them waits. */
  readonly away: readonly { readonly server: string; readonly sinceMs: number }[];
  /** What was written last, and which lists met, the newest first. */
  readonly log: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly person: string;
    /** Its name. */
    readonly list: string;
    readonly target: string;
    readonly before: number | null;
    readonly after: number | null;
    readonly message: string;
  }[];
};

const LOGGED = 100;

export async function overviewOf(
  db: Kysely<ListTables>,
  { unclear, away }: Pick<ListsOverview, 'unclear' | 'away'>,
): Promise<ListsOverview> {
  const places = Map.groupBy(await readPlaces(db), ({ list }) => list);
  const lists = (await readLists(db, null)).map(({ id, person, agreed }) => ({
    ...{ id, person, name: agreed.name.value, entries: agreed.entries.length, deleted: agreed.deletedAt !== null },
    places: (places.get(id) ?? []).map(({ server, listId, seen, problem }) => ({
      ...{ server, there: listId !== null, entries: seen?.entries.length ?? 0, problem },
    })),
  }));
  const log = (await readListLog(db, LOGGED)).map(({ before, after, ...entry }) => ({
    ...{ ...entry, list: (after ?? before)?.name ?? '' },
    before: before?.entries.length ?? null,
    after: after?.entries.length ?? null,
  }));
  return { lists, unclear, away, log };
}

/** Of playlists, how many are not as agreed somewhere until somebody does something. */
export type ListsStanding = {
  /** Which the API key may not do there. */
  readonly needLogIn: number;
  /** Which or whose it is nobody can tell. */
  readonly unclear: number;
  /** Refused, or otherwise than it was written. */
  readonly failing: number;
};

export const noLists: ListsStanding = { needLogIn: 0, unclear: 0, failing: 0 };

export async function standingOf(db: Kysely<ListTables>, unclear: number): Promise<ListsStanding> {
  const all = await db.selectFrom('sync_list_places').select('problem').where('problem', 'is not', null).execute();
  const rows = all.filter(({ problem }) => problem?.startsWith('dry run') === false);
  // So the adapter says it, of whatever neither key nor token may do.
  const needLogIn = rows.filter(({ problem }) => problem?.includes('needs a log-in') === true).length;
  return { needLogIn, unclear, failing: rows.length - needLogIn };
}

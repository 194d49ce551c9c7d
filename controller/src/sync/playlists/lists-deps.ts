// What keeping playlists the same needs of the rest, and whom it deals with.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { ListUser, SyncedPlaylists } from '../../neighbours/synced-playlists.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { ListTables } from './list-store.ts';

export type ListServer = {
  readonly name: string;
  readonly server: Pick<SyncedServer, 'users' | 'state'>;
  readonly playlists: SyncedPlaylists;
};

/** A list that a person had is gone on one server. */
export type ListLoss = {
  readonly server: string;
  readonly userId: string;
  readonly person: string;
  /** The same each time it is asked for. */
  readonly key: string;
  readonly name: string;
};

export type ItemsOfLists = {
  /** Of one server; several are copies. */
  itemsOf(identity: string, server: string): readonly string[];
  /** From memory; null where it is not known. */
  identityOf(server: string, itemId: string): string | null;
  /** Asks the server where it is not known. Null: it is none that is kept the same. @throws ControllerError of the server */
  learn(server: string, itemId: string, signal: AbortSignal): Promise<{ readonly identity: string } | null>;
  isAudio(identity: string): boolean;
};

export type ListsDeps = {
  readonly db: Kysely<ListTables>;
  readonly items: ItemsOfLists;
  personOf(server: string, userId: string): string | null;
  /** Of a log-in of this very user; null where there is none. */
  tokenOf(server: string, userId: string): string | null;
  /** What is done there counts. */
  isSource(server: string): boolean;
  isTarget(server: string): boolean;
  /** A transaction in which something is agreed: one at a time, since each is made of what was agreed before. */
  agree<Result>(signal: AbortSignal, work: (tx: Kysely<ListTables>) => Promise<Result>): Promise<Result>;
  /** The guard of mass changes, in the transaction. `held`: nothing happens, and it is asked again at the next look; `bring-back`: the list is made there again. */
  weighLoss(tx: Kysely<ListTables>, loss: ListLoss): Promise<'counts' | 'bring-back' | 'held'>;
  isDryRun(): boolean;
  /** Something is agreed anew of this person's lists. */
  changed(person: string, by: string): void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Whose lists are looked at, and where. */
export type ListOwner = { readonly at: ListServer; readonly user: ListUser; readonly person: string };

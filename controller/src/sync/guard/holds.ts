// What is held, for people; what they answer; and that they hear of it.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createBell } from '../../neighbours/bell.ts';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import type { SyncEvent } from '../sync-event.ts';
import { type AnswerDeps, answerHold } from './answer-hold.ts';
import { type Answer, type GuardTables, type HoldReason, type HoldStatus, toChange } from './guard-tables.ts';
import { type HoldRow, heldCount, heldRows } from './hold-store.ts';

export type HeldItem = {
  readonly itemId: string;
  readonly itemName: string;
  readonly before: WatchChange;
  readonly after: WatchChange;
};

export type Hold = {
  readonly id: number;
  readonly server: string;
  readonly person: string;
  readonly reason: HoldReason;
  readonly why: string;
  readonly status: HoldStatus;
  readonly openedMs: number;
  readonly closedMs: number | null;
  /** How many items wait for an answer, and the first of them. */
  readonly items: number;
  readonly some: readonly HeldItem[];
};

export type Holds = {
  /** Open ones first, the newest of each first. */
  list(which: 'open' | 'all'): Promise<readonly Hold[]>;
  /** How many are open. */
  count(): Promise<number>;
  /** All of it counts, with its own times. @throws ControllerError not_found; conflict where it was answered before */
  release(id: number): Promise<Hold>;
  /** The server is brought back to what is agreed. @throws ControllerError not_found; conflict where it was answered before */
  discard(id: number): Promise<Hold>;
  /** Something is held that nobody was told of. */
  ring(): void;
  /** Tells, until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

export type HoldsDeps = AnswerDeps & {
  readonly db: Kysely<GuardTables>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: SyncEvent) => void;
};

const LISTED = 200;
const SHOWN_ITEMS = 50;
const LOOK_MS = 60_000;
/** Answered ones are kept so long. */
const KEPT_MS = 30 * 86_400_000;

export function createHolds(deps: HoldsDeps): Holds {
  const { db, clock, log } = deps;
  const bell = createBell(clock);
  const answer = async (id: number, said: Answer): Promise<Hold> => {
    const hold = await db.selectFrom('sync_holds').selectAll().where('id', '=', id).executeTakeFirst();
    if (hold === undefined) throw new ControllerError('not_found', `there is no hold ${id}`);
    if (hold.status !== 'open') throw new ControllerError('conflict', `hold ${id} is ${hold.status} already`);
    const items = await answerHold(deps, hold, said);
    deps.tell(answeredEvent(hold, said, items));
    const now = await db.selectFrom('sync_holds').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    return await shown(db, now);
  };
  return {
    async list(which) {
      const all = db.selectFrom('sync_holds').selectAll();
      const rows = await (which === 'open' ? all.where('status', '=', 'open') : all)
        .orderBy('id', 'desc')
        .limit(LISTED)
        .execute();
      const open = (row: HoldRow): number => (row.status === 'open' ? 0 : 1);
      const holds: Hold[] = [];
      for (const row of rows.sort((a, b) => open(a) - open(b))) holds.push(await shown(db, row));
      return holds;
    },
    async count() {
      const row = await db
        .selectFrom('sync_holds')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('status', '=', 'open')
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },
    release: (id) => answer(id, 'counts'),
    discard: (id) => answer(id, 'bring-back'),
    ring: bell.ring,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await tellNew(deps);
          await bell.wait(LOOK_MS, signal);
        } catch (error) {
          if (isAbort(error) || signal.aborted) return;
          log.error({ error: messageOf(error) }, 'sync: held losses could not be told of');
          await clock.sleep(LOOK_MS, signal).catch(() => {});
        }
      }
    },
  };
}

async function shown(db: Kysely<GuardTables>, row: HoldRow): Promise<Hold> {
  const { id, server, person, reason, why, status, opened_ms: openedMs, closed_ms: closedMs } = row;
  const items = await heldCount(db, id);
  const some = items === 0 ? [] : await heldRows(db, id, SHOWN_ITEMS);
  return {
    ...{ id, server, person, reason, why, status, openedMs, closedMs, items },
    some: some.map((one) => ({
      itemId: one.item_id,
      itemName: one.item_name,
      before: toChange(one.before),
      after: toChange(one.after),
    })),
  };
}

async function tellNew({ db, clock, tell }: HoldsDeps): Promise<void> {
  for (const row of await db.selectFrom('sync_holds').selectAll().where('told', '=', 0).orderBy('id').execute()) {
    if (row.status === 'open') tell(heldEvent(row));
    await db.updateTable('sync_holds').set({ told: 1 }).where('id', '=', row.id).execute();
  }
  const old = clock.now() - KEPT_MS;
  await db.deleteFrom('sync_holds').where('status', '<>', 'open').where('closed_ms', '<', old).execute();
}

const details = ({ id, server, person, reason }: HoldRow) => ({ hold: id, server, person, reason });

const heldEvent = (row: HoldRow): SyncEvent => ({
  type: 'losses_held',
  severity: 'warning',
  text: `What ${row.person} lost on ${row.server} is held back (${row.why}): release it if it is meant, or discard it`,
  details: details(row),
});

const answeredEvent = (row: HoldRow, said: Answer, items: number): SyncEvent => ({
  type: said === 'counts' ? 'hold_released' : 'hold_discarded',
  severity: 'info',
  text:
    said === 'counts'
      ? `What ${row.person} lost on ${row.server} counts: ${items} items`
      : `${row.server} is brought back to what ${row.person} had: ${items} items`,
  details: { ...details(row), items },
});

// One server's queue, worked off until the signal fires: each person's item by itself, some at once, and nothing while the server is away.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Bell, createBell } from '../../neighbours/bell.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { Telling } from '../happenings.ts';
import { type CopiesDeps, deliverAll } from './all-copies.ts';
import { backOffMs } from './back-off.ts';
import { dueRows, NEVER_MS, nextDueMs, type QueueRow, removeRow } from './queue-store.ts';
import { readAhead } from './read-ahead.ts';
import { alignedMs } from './state-store.ts';
import type { SyncTables } from './sync-tables.ts';
import { createWholeFault, type WholeFault } from './whole-fault.ts';

/** What comes after so many tries that found no item. */
export type AfterAbsence =
  | { readonly next: 'wait' }
  /** UTC ms. */
  | { readonly next: 'try'; readonly atMs: number }
  | { readonly next: 'dead-letter' }
  | { readonly next: 'drop' };

export type TargetDeps = CopiesDeps & {
  userOn(person: string): string | null;
  absent(path: string | null, tries: number): AfterAbsence;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  /** Waits while hooks come in a flood. */
  calm(signal: AbortSignal): Promise<void>;
  isPaused(): boolean;
  /** How long what is on its way may take to its end when all stops: what is cut off cannot be told from what somebody did. Default 2 s. */
  readonly endsMs?: number;
  readonly tell: Telling;
  readonly clock: Clock;
  readonly log: Log;
  /** After each change of the queue. */
  changed(): void;
};

export type Target = {
  wake(): void;
  /** It answers again, somebody says: it is tried at once. */
  back(): void;
  /** How many are worked on at this moment. */
  busy(): number;
  run(signal: AbortSignal): Promise<void>;
};

/** Reads, writes and reads back take some 10 ms each: so many at once are hundreds a second and no load for a Pi. */
const AT_ONCE = 24;
const TAKEN_AT_ONCE = 256;
const ENDS_MS = 2_000;
/** Looked at again even where nobody woke us. */
const LOOK_MS = 60_000;
/** How soon what waits for a player's end is looked at, where nobody tells. */
const PLAYING_MS = 15_000;

export function createTarget(deps: TargetDeps): Target {
  const bell = createBell(deps.clock);
  const away: Away = { failures: 0, sinceMs: null, untilMs: 0, busy: 0, met: new Set() };
  return {
    wake: bell.ring,
    back() {
      away.untilMs = 0;
      bell.ring();
    },
    busy: () => away.busy,
    run: (signal) => runTarget({ ...deps, wholeFault: createWholeFault(deps.server, deps.clock) }, { bell, away }, signal),
  };
}

/** What is known of the server while this runs; `met`: its users that were compared whole. */
type Away = { failures: number; sinceMs: number | null; untilMs: number; busy: number; readonly met: Set<string> };
/** Nothing is begun after `signal`, and nothing goes on after `cutOff`. */
type Until = { readonly signal: AbortSignal; readonly cutOff: AbortSignal };
type State = { readonly bell: Bell; readonly away: Away };
type Works = TargetDeps & { readonly wholeFault: WholeFault };

async function runTarget(deps: Works, state: State, signal: AbortSignal): Promise<void> {
  const { clock, server, log } = deps;
  const cutOff = signalAfter(signal, deps.endsMs ?? ENDS_MS);
  while (!signal.aborted) {
    try {
      const waitMs = await workOff(deps, state, { signal, cutOff });
      if (waitMs > 0) await state.bell.wait(waitMs, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      // The store, not the server: it heals or says so by itself.
      log.error({ server: server.name, error: messageOf(error) }, 'the sync queue could not be worked off');
      await clock.sleep(backOffMs(1), signal).catch(() => {});
    }
  }
}

function signalAfter(signal: AbortSignal, ms: number): AbortSignal {
  const ending = new AbortController();
  const end = (): void => ending.abort(signal.reason);
  if (ms === 0) return signal;
  signal.addEventListener('abort', () => void setTimeout(end, ms).unref(), { once: true });
  return ending.signal;
}

/** Answers with how long nothing is due. */
async function workOff(deps: Works, { away }: State, { signal, cutOff }: Until): Promise<number> {
  const { clock, db, server, isPaused } = deps;
  const now = clock.now();
  if (isPaused()) return LOOK_MS;
  if (away.untilMs > now) return away.untilMs - now;
  // Away: one is tried, and the others wait for how that goes.
  const [most, atOnce] = away.sinceMs === null ? [TAKEN_AT_ONCE, AT_ONCE] : [1, 1];
  const rows = readAhead(() => dueRows(db, server.name, clock.now(), most), most);
  const mayGoOn = (): boolean => !signal.aborted && !isPaused() && away.untilMs <= clock.now();
  const work = async (): Promise<void> => {
    for (let row = await rows.next(); row !== null && mayGoOn(); row = most === 1 ? null : await rows.next()) {
      await deps.calm(signal);
      away.busy += 1;
      await take(deps, away, row, cutOff).finally(() => {
        away.busy -= 1;
      });
      rows.done(row);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  if (rows.taken() > 0) {
    deps.changed();
    return 0;
  }
  const next = await nextDueMs(db, server.name);
  return next === null ? LOOK_MS : Math.max(1, Math.min(LOOK_MS, next - clock.now()));
}

async function take(deps: Works, away: Away, row: QueueRow, signal: AbortSignal): Promise<void> {
  const { db, clock } = deps;
  try {
    const result = await bring(deps, away, row, signal);
    if (result === 'settled') return;
    if (result === 'done') await deps.transact((tx) => removeRow(tx, row));
    else await settle(deps, row, result);
  } catch (error) {
    if (isAbort(error) && signal.aborted) throw error;
    // The store's trouble: nothing was learnt of the item.
    if (error instanceof ControllerError && error.code === 'storage_failed') throw error;
    const trouble = isAway(error) ? error : await deps.wholeFault(signal);
    if (trouble === null) {
      answered(deps, away);
      await settle(deps, row, afterFailure(deps, row, messageOf(error)));
      return;
    }
    wentAway(deps, away, trouble);
    // The server's trouble, not the item's: no try is counted, however long it takes.
    await db
      .transaction()
      .execute((tx) => changeIfSame(tx, row, { problem: messageOf(trouble), due_ms: Math.max(row.due_ms, clock.now()) }));
  }
}

type RowChange = Partial<Pick<QueueRow, 'status' | 'due_ms' | 'attempts' | 'absent_tries' | 'problem'>>;

/** What stays in the queue. A dead letter is told. */
async function settle({ db, server, tell }: TargetDeps, row: QueueRow, change: RowChange): Promise<void> {
  await db.transaction().execute((tx) => changeIfSame(tx, row, change));
  if (change.status !== 'failed') return;
  const { person, item_name: itemName } = row;
  tell.happened({ kind: 'dead-letter', server: server.name, person, itemName, problem: change.problem ?? 'failed' });
}

/** All copies of the item there. */
async function bring(deps: Works, away: Away, row: QueueRow, signal: AbortSignal): Promise<'done' | 'settled' | RowChange> {
  const { server, clock } = deps;
  const userId = deps.userOn(row.person);
  if (userId === null) return { status: 'failed', problem: `${row.person} has no user at ${server.name}` };
  // Before the first meeting it would be taken for what is agreed.
  if (!(await hasMet(deps, away, userId))) return { due_ms: NEVER_MS, problem: 'waits until its user was compared whole' };
  const results = await deliverAll(deps, { row, userId, answered: () => answered(deps, away) }, signal);
  if (results.length === 0) return absent(deps, row);
  const refused = results.find((result) => result.outcome === 'refused');
  if (refused?.outcome === 'refused') return afterFailure(deps, row, refused.problem);
  if (results.some(({ outcome }) => outcome === 'later')) return { due_ms: clock.now() + PLAYING_MS, problem: null };
  return results.some(({ outcome }) => outcome === 'settled') ? 'settled' : 'done';
}

/** Once met, always met. */
async function hasMet({ db, server }: TargetDeps, { met }: Away, userId: string): Promise<boolean> {
  if (met.has(userId)) return true;
  if ((await alignedMs(db, server.name, userId)) === null) return false;
  met.add(userId);
  return true;
}

/** What is kept from a user may be shown to them one day, of which nobody tells. */
const hiddenMs = (tries: number): number => Math.min(3_600_000, 60_000 * 2 ** (tries - 1));

function absent({ absent: after, server, itemsOf, clock }: TargetDeps, row: QueueRow): 'done' | RowChange {
  const tried = row.absent_tries + 1;
  const isHidden = itemsOf(row.identity).length > 0;
  const then = after(row.item_path, tried);
  const problem = isHidden ? `${server.name} does not show it to ${row.person}` : `${server.name} does not have it`;
  if (then.next === 'drop') return 'done';
  const dueMs = isHidden ? clock.now() + hiddenMs(tried) : NEVER_MS;
  if (then.next === 'wait') return { status: 'waiting', due_ms: dueMs, absent_tries: tried, problem };
  if (then.next === 'dead-letter') return { status: 'failed', absent_tries: tried, problem: `absent: ${problem}` };
  return { status: 'waiting', due_ms: then.atMs, absent_tries: tried, problem };
}

function afterFailure({ clock, maxRetries, retryDelayMs }: TargetDeps, row: QueueRow, problem: string): RowChange {
  const attempts = row.attempts + 1;
  if (attempts > maxRetries) return { status: 'failed', attempts, problem };
  return { attempts, problem, due_ms: clock.now() + backOffMs(attempts, retryDelayMs) };
}

/** Unless it was wanted anew meanwhile: then it is due as it says. */
async function changeIfSame(tx: Kysely<SyncTables>, row: QueueRow, change: RowChange): Promise<void> {
  await tx
    .updateTable('sync_queue')
    .set(change)
    .where('server', '=', row.server)
    .where('person', '=', row.person)
    .where('identity', '=', row.identity)
    .where('version', '=', row.version)
    .execute();
}

const isAway = (error: unknown): boolean => {
  const kind = failureKind(error);
  return kind !== 'failed';
};

function wentAway({ clock, server, tell, log }: TargetDeps, away: Away, error: unknown): void {
  tell.heard(server.name, messageOf(error));
  if (away.untilMs > clock.now()) return; // told by one that ran beside
  away.failures += 1;
  away.untilMs = clock.now() + backOffMs(away.failures);
  if (away.sinceMs !== null) return;
  away.sinceMs = clock.now();
  // Told as an event already, which is a line of its own.
  log.debug({ server: server.name, error: messageOf(error) }, 'sync: the server is away; what is for it waits');
}

function answered({ server, tell, log }: TargetDeps, away: Away): void {
  tell.heard(server.name, null);
  if (away.sinceMs !== null) log.info({ server: server.name }, 'sync: the server is back');
  Object.assign(away, { failures: 0, sinceMs: null, untilMs: 0 });
}

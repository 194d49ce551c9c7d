// Keeps losses of one user on one server back where they are too many at once, or that server is doubted. Gains, other users and other servers go on.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { WatchField } from '../../neighbours/watch-state.ts';
import type { LossGuard, Weighed } from '../state/loss-guard.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { FIELDS, isSame, onlyFields } from '../state/watch-fields.ts';
import { type GuardLimits, hasShrunk, isTooMuch, jumpOf, lostIn, type Skew } from './count-losses.ts';
import type { Answer, DoubtReason, GuardTables, HoldReason } from './guard-tables.ts';
import { dropHeld, forgetHeld, heldOf, keepHeld, lastHoldId, openHold, openHoldOf, type UserAt } from './hold-store.ts';
import { type Doubt, forgetOldLosses, hasThere, lossesSince, noteDoubt, noteLoss, releasedMs } from './loss-store.ts';

export type GuardDeps = {
  readonly db: Kysely<GuardTables>;
  readonly limits: GuardLimits & { readonly windowMs: number };
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Something is held that nobody was told of. */
  held(): void;
};

/** A loss that is no state of an item: a whole playlist. */
export type OtherLoss = UserAt & {
  readonly person: string;
  readonly kind: 'list' | 'user';
  /** The same each time it is asked for. */
  readonly key: string;
  readonly name: string;
};

export type Guard = LossGuard & {
  /**
   * In the transaction. `held`: nothing is done about it, and it is asked again at the next look, until a person said what to do;
   * `bring-back`: it is made there again.
   */
  weighOther(tx: Kysely<GuardTables>, loss: OtherLoss): Promise<Answer | 'held'>;
  /** After a library was read whole. */
  noteSize(server: string, size: { readonly before: number; readonly after: number; readonly atMs: number }): void;
  /** Each time that a server's clock is compared with ours. Answers with whether one of them was set. */
  noteSkew(server: string, skew: Skew): boolean;
  /** All that was noted is on disk. */
  settled(): Promise<void>;
};

/** How long a cause makes losses doubtful, unless a person releases them before: a full comparison comes within it. */
const DOUBTED_MS: Readonly<Record<DoubtReason, number>> = { shrunk: 86_400_000, clock: 3_600_000 };
/** Counting all that a user has is some ms: once in a mass change is enough. */
const COUNTED_FOR_MS = 60_000;
/** How long an answer waits for whoever asks. */
const ANSWERED_MS = 86_400_000;

/** @throws ControllerError storage_failed */
export async function openLossGuard(deps: GuardDeps): Promise<Guard> {
  const { db, clock } = deps;
  const state: State = { mayHold: new Set(), doubts: new Map(), counted: new Map(), lastId: await lastHoldId(db) };
  for (const row of await db.selectFrom('sync_holds').select(['server', 'user_id']).where('status', '=', 'open').execute())
    state.mayHold.add(keyOf({ server: row.server, userId: row.user_id }));
  for (const row of await db.selectFrom('sync_doubts').selectAll().execute())
    doubtsOf(state, row.server).set(row.reason, { reason: row.reason, why: row.why, atMs: row.at_ms });
  await forgetOldLosses(db, clock.now() - deps.limits.windowMs);
  const skews = new Map<string, Skew>();
  const sizes = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();
  const doubt = (server: string, one: Doubt): void => {
    doubtsOf(state, server).set(one.reason, one);
    deps.log.warn({ server, reason: one.reason }, `sync: losses of this server are held for now: ${one.why}`);
    writing = writing
      .then(() => noteDoubt(db, server, one))
      .catch((error: unknown) => deps.log.error({ server, error: messageOf(error) }, 'sync: a doubt could not be kept'));
  };
  return {
    weigh: (tx, weighed) => weigh(deps, state, guardTx(tx), weighed),
    async heldAt(tx, place) {
      if (!state.mayHold.has(keyOf(place))) return [];
      const row = await heldOf(guardTx(tx), place);
      return row === null ? [] : (Object.keys(JSON.parse(row.after) as object) as WatchField[]);
    },
    weighOther: (tx, loss) => weighOther(deps, state, tx, loss),
    noteSize(server, size) {
      if (sizes.get(server) === size.atMs) return;
      sizes.set(server, size.atMs);
      const why = `its library shrank from ${size.before} to ${size.after} items`;
      if (hasShrunk(size)) doubt(server, { reason: 'shrunk', why, atMs: size.atMs });
    },
    noteSkew(server, skew) {
      const jumpMs = jumpOf(skews.get(server) ?? null, skew);
      if (Number.isFinite(skew.plusMinusMs)) skews.set(server, skew);
      const minutes = Math.round(Math.abs(jumpMs) / 60_000);
      const why = `its clock and ours moved apart by ${minutes} minutes`;
      if (jumpMs !== 0) doubt(server, { reason: 'clock', why, atMs: clock.now() });
      return jumpMs !== 0;
    },
    settled: () => writing,
  };
}

type Tx = Kysely<GuardTables>;

/** One database holds all tables. */
const guardTx = (tx: Kysely<SyncTables>): Tx => tx as unknown as Tx;

type State = {
  /** Users of whom something may be held; the database knows it surely. */
  readonly mayHold: Set<string>;
  readonly doubts: Map<string, Map<DoubtReason, Doubt>>;
  readonly counted: Map<string, { readonly atMs: number; readonly has: number }>;
  /** Of holds; transactions run side by side on PostgreSQL. */
  lastId: number;
};

const keyOf = ({ server, userId }: UserAt): string => `${server} ${userId}`;

function doubtsOf(state: State, server: string): Map<DoubtReason, Doubt> {
  const known = state.doubts.get(server) ?? new Map<DoubtReason, Doubt>();
  state.doubts.set(server, known);
  return known;
}

async function weigh(deps: GuardDeps, state: State, tx: Tx, weighed: Weighed): Promise<readonly WatchField[]> {
  const { place, person, seen, said, changes } = weighed;
  const now = deps.clock.now();
  const { losses, alongside } = lostIn(changes, seen, said);
  const fields = [...losses, ...alongside];
  // Whatever is said anew of a field overtakes what was held of it.
  const anew = FIELDS.filter((field) => said[field] !== undefined && !isSame(field, said[field], seen[field]));
  const again = anew.filter((field) => !fields.includes(field));
  if (again.length > 0 && state.mayHold.has(keyOf(place))) await forgetHeld(tx, place, again, now);
  if (fields.length === 0) return [];
  const holdId = await holdFor(deps, state, tx, { ...place, person, counts: losses.length > 0 });
  if (holdId === null) return [];
  await keepHeld(tx, {
    ...{ server: place.server, user_id: place.userId, item_id: place.itemId, hold_id: holdId, person },
    ...{ identity: weighed.identity, item_name: weighed.itemName, item_path: weighed.itemPath },
    before: JSON.stringify(onlyFields(seen, fields)),
    after: JSON.stringify(onlyFields(said, fields)),
    ...{ set_ms: weighed.ms, not_before_ms: weighed.notBeforeMs, answer: null },
  });
  return fields;
}

type Loss = UserAt & { readonly itemId: string; readonly person: string; readonly counts: boolean };

/** Null: it is let through. */
async function holdFor(deps: GuardDeps, state: State, tx: Tx, loss: Loss): Promise<number | null> {
  const standing = await openHoldOf(tx, loss);
  if (standing !== null) return standing.id;
  const now = deps.clock.now();
  const cause = (await doubtOf(state, tx, loss, now)) ?? (loss.counts ? await tooMany(deps, state, tx, loss) : null);
  if (cause === null) return null;
  state.mayHold.add(keyOf(loss));
  state.lastId += 1;
  const id = state.lastId;
  await openHold(tx, { ...loss, id, reason: cause.reason, why: cause.why, nowMs: now });
  deps.held();
  return id;
}

async function doubtOf(state: State, tx: Tx, user: UserAt, nowMs: number): Promise<Doubt | null> {
  const standing = [...doubtsOf(state, user.server).values()].filter(({ reason, atMs }) => nowMs - atMs < DOUBTED_MS[reason]);
  if (standing.length === 0) return null;
  const released = await releasedMs(tx, user);
  return standing.find(({ atMs }) => atMs > released) ?? null;
}

async function tooMany(
  { limits, clock }: GuardDeps,
  state: State,
  tx: Tx,
  loss: Loss,
): Promise<{ readonly reason: HoldReason; readonly why: string } | null> {
  const nowMs = clock.now();
  const sinceMs = nowMs - limits.windowMs;
  const within = (await lossesSince(tx, loss, loss.itemId, sinceMs)) + 1;
  // Most homes never get so far, so that nobody counts for nothing.
  if (within > limits.losses && isTooMuch(within, await has(state, tx, loss, { nowMs, lost: within - 1 }), limits)) {
    const minutes = Math.round(limits.windowMs / 60_000);
    return { reason: 'losses', why: `${within} items lost something within ${minutes} minutes` };
  }
  await noteLoss(tx, loss, loss.itemId, { nowMs, sinceMs });
  return null;
}

/** With what they had before the first of these losses. */
async function has(state: State, tx: Tx, user: UserAt, { nowMs, lost }: { nowMs: number; lost: number }): Promise<number> {
  const known = state.counted.get(keyOf(user));
  if (known !== undefined && Math.abs(nowMs - known.atMs) < COUNTED_FOR_MS) return known.has;
  const counted = { atMs: nowMs, has: (await hasThere(tx, user)) + lost };
  state.counted.set(keyOf(user), counted);
  return counted.has;
}

async function weighOther(deps: GuardDeps, state: State, tx: Tx, loss: OtherLoss): Promise<Answer | 'held'> {
  const itemId = `${loss.kind}:${loss.key}`;
  const place = { server: loss.server, userId: loss.userId, itemId };
  const standing = await heldOf(tx, place);
  if (standing !== null && standing.answer === null) return 'held';
  if (standing !== null) await dropHeld(tx, place);
  // An old answer was to another loss of it.
  if (standing !== null && deps.clock.now() - standing.set_ms < ANSWERED_MS) return standing.answer ?? 'held';
  const holdId = await holdFor(deps, state, tx, { ...loss, itemId, counts: true });
  if (holdId === null) return 'counts';
  await keepHeld(tx, {
    ...{ server: loss.server, user_id: loss.userId, item_id: itemId, hold_id: holdId, person: loss.person },
    ...{ identity: '', item_name: loss.name, item_path: null, before: '{}', after: '{}' },
    ...{ set_ms: deps.clock.now(), not_before_ms: 0, answer: null },
  });
  return 'held';
}

// What a server tells beside its hooks: its activity log, its task that looks through the libraries, and who plays now. From it follows which hooks were
// missed, also while we or the server were away. Nobody tells values: what is named is read.
import type { Kysely } from 'kysely';
import { ControllerError, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { ActivityEntry, ChangeFeeds } from '../../neighbours/synced-hints.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { type CheckpointTables, readCheckpoint, writeCheckpoint } from './checkpoint-store.ts';
import { createLostHooks, type HooksOf, type LostHooksDeps } from './lost-hooks.ts';
import { createWaitingPlays, type Play, type WaitingPlays } from './waiting-plays.ts';

export type Told = {
  /** Of which no hook has come; the newest first. */
  readonly plays: readonly Play[];
  /** A look through the libraries ended whose items were not read yet; by the server's clock. */
  readonly scanEndMs: number | null;
};

export type Asking = {
  /** We or the server were away. */
  readonly isBack: boolean;
  /** The server's clock minus ours. */
  readonly skewMs: number;
};

export type Hints = {
  /** One question at most, or two where somebody was away. @throws ControllerError of the server where it does not answer */
  ask(server: string, asking: Asking, signal: AbortSignal): Promise<Told>;
  /** The items were read after that end of a scan. */
  scanWasRead(server: string, scanEndMs: number): Promise<void>;
  /** What was played was read. Answers with whether hooks of this server get lost. @param found it was not known yet */
  judge(server: string, play: Play, looked: { readonly found: boolean; readonly skewMs: number }): boolean;
  /** Somebody plays this there since now. */
  began(at: { readonly server: string; readonly userId: string; readonly itemId: string }): void;
  /** Whether the plugin of a server sends to us. */
  expect(server: string, isExpected: boolean): void;
  of(server: string): HooksOf;
};

export type HintsDeps = Omit<LostHooksDeps, 'log'> & {
  readonly db: Kysely<SyncTables>;
  /** Null: it has none. */
  readonly feeds: (server: string) => ChangeFeeds | null;
  readonly personOf: (server: string, userId: string) => string | null;
  /** Hooks of this server that are not worked on yet. */
  readonly waitingHooks: (server: string) => number;
  /** Of which the plugin sends no hooks: music videos, channels. */
  readonly tellsHooks: (server: string, itemId: string) => boolean;
  /** When its items were read last, UTC ms; null: never. */
  readonly indexedMs: (server: string) => number | null;
  readonly log: Log;
  /** A hook comes within a second; where many come at once, it may take some. 15 s by default. */
  readonly graceMs?: number;
};

const GRACE_MS = 15_000;
/** A hook and the entry of the log are made in the same moment. */
const ENTRY_WITHIN_MS = 5_000;
/** By polling, a session is seen late. */
const SESSION_WITHIN_MS = 60_000;
/** Entries are not always written in the order of their dates. */
const OVERLAP_MS = 2_000;
/** Longer than from one reading of the log to the next. */
const SET_BACK_MS = 600_000;
/** Each is one question; comparing everything finds the rest. */
const MOST_READS = 100;

type Standing = {
  readonly plays: WaitingPlays;
  /** Sessions are heard of before the server's clock is known. */
  sessions: { readonly userId: string; readonly itemId: string; readonly ourMs: number }[];
  isScansTurn: boolean;
  /** What the server does not answer. */
  readonly refused: Set<string>;
  /** What was judged last, by user and item: a playing is told of twice. */
  readonly judged: Map<string, number>;
};

const newStanding = (): Standing => ({
  ...{ plays: createWaitingPlays(), sessions: [], isScansTurn: false, refused: new Set<string>(), judged: new Map() },
});

export function createHints(deps: HintsDeps): Hints {
  const startedMs = deps.nowMs();
  const servers = new Map<string, Standing>();
  const standing = (server: string): Standing => {
    const known = servers.get(server) ?? newStanding();
    servers.set(server, known);
    return known;
  };
  const hooks = createLostHooks(deps);
  return {
    async ask(server, { isBack, skewMs }, signal) {
      const one = standing(server);
      const feeds = deps.feeds(server);
      const [wantsLog, wantsScan] = [isBack || !one.isScansTurn, isBack || one.isScansTurn];
      // In turns: a server at rest is asked one question more with each look.
      one.isScansTurn = !one.isScansTurn;
      const given = <Value>(what: string, ask: () => Promise<Value>) =>
        whereItAnswers(deps.log, { server, what }, one.refused, ask);
      const at = { server, skewMs };
      const came = feeds !== null && wantsLog ? await given('activity log', () => newPlays(deps, feeds, at, signal)) : null;
      for (const play of came ?? []) one.plays.add(play);
      const scanEndMs = feeds !== null && wantsScan ? await given('tasks', () => newScan(deps, feeds, at, signal)) : null;
      for (const { ourMs, ...play } of one.sessions.splice(0))
        one.plays.add({ ...play, atMs: ourMs + skewMs, began: true, withinMs: SESSION_WITHIN_MS });
      // What is in the inbox may tell of it.
      if (deps.waitingHooks(server) > 0) return { plays: [], scanEndMs };
      const due = one.plays.takeBefore(deps.nowMs() + skewMs - (deps.graceMs ?? GRACE_MS), MOST_READS);
      const plays: Play[] = [];
      for (const play of due)
        if (await hookCame(deps.db, server, play)) hooks.came(server, play.atMs);
        else plays.push(play);
      return { plays, scanEndMs };
    },
    async scanWasRead(server, scanEndMs) {
      const before = await readCheckpoint(checkpoints(deps), server);
      if (before !== null) await writeCheckpoint(checkpoints(deps), server, { ...before, scanEndMs });
    },
    judge(server, play, { found, skewMs }) {
      const sinceMs = hooks.expectedSinceMs(server);
      // While we were away none could come.
      if (sinceMs === null || play.atMs - skewMs < Math.max(startedMs, sinceMs)) return false;
      if (!found && !(play.began && deps.tellsHooks(server, play.itemId))) return false;
      if (!isNews(standing(server).judged, play)) return false;
      hooks.lost(server, play.atMs);
      return true;
    },
    began({ server, userId, itemId }) {
      const { sessions } = standing(server);
      if (deps.personOf(server, userId) === null || sessions.length >= MOST_READS) return;
      sessions.push({ userId, itemId, ourMs: deps.nowMs() });
    },
    expect: hooks.expect,
    of: hooks.of,
  };
}

const checkpoints = ({ db }: HintsDeps): Kysely<CheckpointTables> => db.withTables<CheckpointTables>();

type At = { readonly server: string; readonly skewMs: number };

/** Of those who are kept the same, since the log was read last. */
async function newPlays(
  deps: HintsDeps,
  feeds: ChangeFeeds,
  { server, skewMs }: At,
  signal: AbortSignal,
): Promise<readonly Play[]> {
  const theirNowMs = deps.nowMs() + skewMs;
  const before = await readCheckpoint(checkpoints(deps), server);
  const first = { activityMs: Math.round(theirNowMs), activityId: 0, scanEndMs: null };
  if (before === null) await writeCheckpoint(checkpoints(deps), server, first);
  if (before === null) return [];
  // A clock that was set back would have nothing new for as long.
  const sinceMs = before.activityMs <= theirNowMs ? before.activityMs - OVERLAP_MS : theirNowMs - SET_BACK_MS;
  const { entries } = await feeds.activitySince(sinceMs, signal);
  // The last one that was read is among them, but where the log was begun anew.
  const isAnew = entries.every(({ id }) => id < before.activityId);
  const fresh = entries.filter(({ id, atMs }) => (isAnew ? atMs > before.activityMs : id > before.activityId));
  const [last] = fresh.toSorted((a, b) => b.id - a.id);
  if (last === undefined) return [];
  await writeCheckpoint(checkpoints(deps), server, { ...before, activityMs: Math.round(last.atMs), activityId: last.id });
  return fresh.flatMap((entry) => playOf(entry) ?? []).filter(({ userId }) => deps.personOf(server, userId) !== null);
}

/** Without an item, the looks at the lists of its user find it. */
const playOf = ({ kind, atMs, userId, itemId, began }: ActivityEntry): Play | null =>
  kind !== 'played' || userId === null || itemId === null
    ? null
    : { userId, itemId, atMs, began: began === true, withinMs: ENTRY_WITHIN_MS };

/** However it ended: it has changed what there is. */
async function newScan(deps: HintsDeps, feeds: ChangeFeeds, { server, skewMs }: At, signal: AbortSignal): Promise<number | null> {
  const { isRunning, lastEndMs } = await feeds.libraryScan(signal);
  if (isRunning || lastEndMs === null) return null;
  const before = await readCheckpoint(checkpoints(deps), server);
  if (before?.scanEndMs === lastEndMs) return null;
  const indexedMs = deps.indexedMs(server);
  // Before the first, a reading that began later has all of it.
  const isKnown = (before?.scanEndMs ?? null) === null && indexedMs !== null && indexedMs + skewMs > lastEndMs;
  if (isKnown && before !== null) await writeCheckpoint(checkpoints(deps), server, { ...before, scanEndMs: lastEndMs });
  return isKnown ? null : lastEndMs;
}

/** Null: it refuses this question, which is said when it begins and when it ends; all else goes on. @throws ControllerError where it does not answer at all */
async function whereItAnswers<Value>(
  log: Log,
  of: { readonly server: string; readonly what: string },
  refused: Set<string>,
  ask: () => Promise<Value>,
): Promise<Value | null> {
  try {
    const answer = await ask();
    if (refused.delete(of.what)) log.info(of, 'sync: this of a server can be read again');
    return answer;
  } catch (error) {
    const isRefusal = error instanceof ControllerError && error.code !== 'storage_failed' && failureKind(error) === 'failed';
    if (!isRefusal) throw error;
    if (!refused.has(of.what))
      log.warn({ ...of, error: messageOf(error) }, 'sync: this of a server cannot be read; what it would tell is found later');
    refused.add(of.what);
    return null;
  }
}

async function hookCame(db: Kysely<SyncTables>, server: string, { userId, itemId, atMs, withinMs }: Play): Promise<boolean> {
  const row = await db
    .selectFrom('sync_shadows')
    .select('hook_ms')
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('item_id', '=', itemId)
    .executeTakeFirst();
  return row !== undefined && row.hook_ms !== null && Number(row.hook_ms) >= atMs - withinMs;
}

function isNews(judged: Map<string, number>, { userId, itemId, atMs }: Play): boolean {
  const key = `${userId} ${itemId}`;
  const before = judged.get(key);
  judged.delete(key);
  judged.set(key, atMs);
  const [oldest] = judged.keys();
  if (judged.size > 1_000 && oldest !== undefined) judged.delete(oldest);
  return before === undefined || Math.abs(atMs - before) > SESSION_WITHIN_MS;
}

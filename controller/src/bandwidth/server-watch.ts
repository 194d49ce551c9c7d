// One media server as the bandwidth feature sees it: its streams, users and rules, kept fresh; what was last heard stands while it is silent.
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Bell, createBell } from '../neighbours/bell.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { MediaServer, MediaServerRules, MediaUser, PlayingStream, UserLimits } from '../neighbours/media-server.ts';
import { type LimitingServer, userTarget } from './limits/limit-targets.ts';
import { createStreamReview } from './stream-review.ts';
import type { HomeRanges } from './viewer-location.ts';
import { viewerKey, type WatchedStream } from './watched-streams.ts';

export type ServerState = {
  readonly streams: readonly WatchedStream[];
  /** It told once what plays, be it nothing. */
  readonly heard: boolean;
  /** Null before the first answer, and for ever where the server limits nobody. */
  readonly users: readonly MediaUser[] | null;
  readonly rules: MediaServerRules | null;
  readonly health: NeighbourHealth | null;
  /** Steady ms since when it cannot be heard; null while it can. */
  readonly silentSince: number | null;
  /** What it was asked last, it answered: known sooner than its health changes, whose polls come further apart in a long outage. */
  readonly answers: boolean;
};

export type ServerWatch = {
  readonly server: MediaServer;
  state(): ServerState;
  /** What a user is called here; the same text each time, for it is looked up a dozen times in each second. */
  namesOf(user: MediaUser): UserNames;
  /** Runs until the signal fires. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks at the streams anew: the home's addresses, the server's rules or the age of a report may have changed while it said nothing. */
  review(): void;
};

export type ServerWatchDeps = {
  readonly ranges: () => HomeRanges;
  readonly clock: Clock;
  readonly log: Log;
  /** Something changed that a decision depends on. */
  readonly changed: () => void;
  /** Before users are read; what it answers comes back with the users, so that a reading from before a write can be told. */
  readonly usersBegin: () => ReadonlyMap<string, number>;
  /** An earlier run's limits stand there still. */
  readonly mustGiveBack: (server: string) => boolean;
  readonly usersRead: (
    server: LimitingServer & { readonly isLimited: boolean },
    users: readonly MediaUser[],
    begun: ReadonlyMap<string, number>,
  ) => void;
};

/** A new user carries a cap within 60 s, the write included. */
const USERS_EACH_MS = 57_000;
const USERS_RETRY_MS = 5_000;
/** Rules cost two more requests, and change only when an administrator changes them. */
const RULES_EACH_MS = 15 * 60_000;

const UNHEARD: ServerState = {
  streams: [],
  heard: false,
  users: null,
  rules: null,
  health: null,
  silentSince: null,
  answers: true,
};

export function createServerWatch(server: MediaServer, deps: ServerWatchDeps): ServerWatch {
  const { clock, log, changed } = deps;
  let state = UNHEARD;
  let heard: readonly PlayingStream[] = [];
  const reviewed = createStreamReview(server, deps);
  /** Who streamed without being among the users when these were last read: asking again would not help. */
  let strangers: ReadonlySet<string> = new Set();
  const bell = createBell(clock);
  let rulesAt = Number.NEGATIVE_INFINITY;

  function review(): void {
    if (heard.length === 0 && state.streams.length === 0) return;
    const streams = reviewed(heard, state.rules);
    if (streams !== state.streams) state = { ...state, streams };
  }

  const unknown = (): readonly string[] => unknownIds(heard, state.users);

  function heardSessions(streams: readonly PlayingStream[]): void {
    heard = streams;
    state = { ...state, heard: true };
    review();
    if (state.users !== null && unknown().some((id) => !strangers.has(id))) bell.ring();
    changed();
  }

  function heardHealth(health: NeighbourHealth): void {
    const silent = health.state !== 'live' && health.state !== 'polling';
    const wasSilent = state.silentSince !== null;
    state = { ...state, health, silentSince: silent ? (state.silentSince ?? clock.monotonic()) : null, answers: !silent };
    if (wasSilent && !silent) {
      rulesAt = Number.NEGATIVE_INFINITY;
      bell.ring();
    }
    changed();
  }

  async function readUsersAndRules(limits: UserLimits, signal: AbortSignal): Promise<void> {
    if (clock.monotonic() - rulesAt >= RULES_EACH_MS) {
      const rules = await limits.rules(signal);
      state = { ...state, rules };
      rulesAt = clock.monotonic();
    }
    const begun = deps.usersBegin();
    const users = await limits.users(signal);
    // There is always an administrator; to believe this would be to forget everybody's original.
    if (users.length === 0) throw new ControllerError('upstream_failed', `${server.name} says that it has no users`);
    const limited = limits === server.userLimits;
    state = { ...state, users: limited ? users : null, answers: true };
    strangers = new Set(unknown());
    deps.usersRead({ name: server.name, isLimited: limited && server.onUplink, userLimits: limits }, users, begun);
    changed();
  }

  /** It answers sessions but not users, which the health line does not say. */
  function usersFailed(error: unknown): void {
    log[answersOtherwise(state) ? 'warn' : 'debug'](
      { server: server.name, error: messageOf(error) },
      'what may be limited could not be read',
    );
    state = { ...state, answers: false };
  }

  return {
    server,
    state: () => state,
    namesOf: createUserNames(server.name),
    run: async (signal) => {
      const limits = server.userLimits ?? (deps.mustGiveBack(server.name) ? server.earlierLimits : null) ?? null;
      await Promise.allSettled([
        server.watch({ sessions: heardSessions, health: heardHealth }, signal),
        limits === null ? null : askForEver({ read: () => readUsersAndRules(limits, signal), failed: usersFailed }, bell, signal),
      ]);
    },
    review,
  };
}

export type UserNames = { readonly viewer: string; readonly target: string };

/** Kept for as long as what was read of the user. */
function createUserNames(server: string): (user: MediaUser) => UserNames {
  const known = new WeakMap<MediaUser, UserNames>();
  return (user) => {
    const names = known.get(user) ?? { viewer: viewerKey(server, user.id), target: userTarget(server, user.id) };
    known.set(user, names);
    return names;
  };
}

/** Who streams without being a user that was read. */
function unknownIds(streams: readonly PlayingStream[], users: readonly MediaUser[] | null): readonly string[] {
  const known = new Set(users?.map(({ id }) => id));
  return streams.map(({ userId }) => userId).filter((id) => !known.has(id));
}

/** Sessions are told, and what was asked last was answered: a failure now is news. */
const answersOtherwise = ({ answers, silentSince, health }: ServerState): boolean =>
  answers && silentSince === null && health !== null;

type Reading = { readonly read: () => Promise<void>; readonly failed: (error: unknown) => void };

/** Asks again in its time, sooner after a failure, and at once when the bell rings. */
async function askForEver({ read, failed }: Reading, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const problem = await read().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    if (signal.aborted) return;
    if (problem !== null) failed(problem.error);
    await bell.wait(problem === null ? USERS_EACH_MS : USERS_RETRY_MS, signal).catch(() => {});
  }
}

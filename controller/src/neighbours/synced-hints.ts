// How a media server tells, or lets us find out cheaply, that something changed there. Each is a hint: the truth is what is read then.
import type { ItemState } from './synced-server.ts';

/** Of the server's own log, which goes on while we are away. It holds no values. */
export type ActivityEntry = {
  readonly id: number;
  /** UTC ms, by the server's clock. */
  readonly atMs: number;
  readonly kind: 'user-created' | 'user-deleted' | 'played' | 'other';
  /** Of a playing: it began; else it ended. Of several who watch together only one is named. */
  readonly began?: boolean;
  readonly userId: string | null;
  readonly itemId: string | null;
};

export type Activity = {
  /** Oldest first. */
  readonly entries: readonly ActivityEntry[];
  /** False: there were more than are read at once, and the oldest are missing. */
  readonly isComplete: boolean;
};

export type LibraryScan = {
  readonly isRunning: boolean;
  /** Of its last end, UTC ms by the server's clock; null before the first. */
  readonly lastEndMs: number | null;
  /** `Completed`, `Failed`, `Cancelled`, `Aborted`. */
  readonly lastStatus: string | null;
};

/** By key. Each throws ControllerError `upstream_…`, `timeout`. */
export type ChangeFeeds = {
  /** @param sinceMs UTC ms, by the server's clock */
  activitySince(sinceMs: number, signal: AbortSignal): Promise<Activity>;
  libraryScan(signal: AbortSignal): Promise<LibraryScan>;
};

/** What a socket of one user's own tells. */
export type UserSocketListener = {
  opened(): void;
  /** All that is known of each, not only what changed; some ms to half a second after it did. */
  states(states: readonly ItemState[]): void;
  library(change: {
    readonly added: readonly string[];
    readonly updated: readonly string[];
    readonly removed: readonly string[];
  }): void;
};

/** Hears until the socket ends, from whichever side; never throws. Nothing is told again after that. @returns how long it was open, ms; null where it never was */
export type HearUserSocket = (token: string, hear: UserSocketListener, signal: AbortSignal) => Promise<number | null>;

/** Where and how a server's plugin is to send. */
export type HookTarget = {
  /** Of our `POST /webhook/{server}`. */
  readonly url: string;
  /** Which carries the secret; a header, since the plugin logs bodies. */
  readonly header: { readonly name: string; readonly value: string };
};

export type HookPlugin = {
  /** Null where it is not installed. `isActive` false: disabled, broken, or waiting for a restart, as `status` says. */
  installed(
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly isActive: boolean; readonly status: string } | null>;
  /** Makes exactly our two entries as they must be, whatever their number and state were; all else stays. Writes nothing where they stand. */
  ensure(target: HookTarget, signal: AbortSignal): Promise<'unchanged' | 'written'>;
  /** Takes ours out. */
  remove(signal: AbortSignal): Promise<'unchanged' | 'written'>;
};

export type LogIn = { readonly token: string; readonly userId: string; readonly userName: string };

/** Tokens of users who agree, for what a key may not. A token is a secret. */
export type UserLogIns = {
  /** @throws ControllerError unauthenticated for a wrong name or password · denied for a user who may not log in */
  byPassword(user: { readonly name: string; readonly password: string }, signal: AbortSignal): Promise<LogIn>;
  /** The code is for the user, who types it into a client of theirs; the secret is ours. @throws ControllerError denied where it is switched off */
  beginQuickConnect(signal: AbortSignal): Promise<{ readonly code: string; readonly secret: string }>;
  /** Null until the user has typed the code. @throws ControllerError not_found when it ran out */
  endQuickConnect(secret: string, signal: AbortSignal): Promise<LogIn | null>;
  /** Makes the token void there. Nothing where it is void already. */
  revoke(token: string, signal: AbortSignal): Promise<void>;
};

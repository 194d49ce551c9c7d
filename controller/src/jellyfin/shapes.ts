// What this adapter hands out. The same shapes as the features that listen ask for; run-controller.ts is where the two meet, a test holds them together.

/** One thing that plays now. Rates bit/s, times UTC ms by our own clock. */
export type PlayingStream = {
  /** Jellyfin's session id: one device of one client plays at most one thing. */
  readonly id: string;
  /** Empty where nobody is logged in (some DLNA and API-key sessions). */
  readonly userId: string;
  readonly userName: string;
  readonly client: string;
  readonly device: string;
  /** Bare IP address, no port; null where the server does not say. */
  readonly address: string | null;
  readonly title: string;
  readonly kind: 'video' | 'audio' | 'live';
  readonly paused: boolean;
  readonly positionMs: number | null;
  readonly height: number | null;
  readonly transcode: Transcode | null;
  /** Rate of the playing source with the selected tracks; null where unknown. */
  readonly nominalBps: number | null;
  /** First seen playing this item from this source, or sought. */
  readonly startedAt: number;
  /** Last report of the player itself: it stops when the viewer is cut off, while position and activity go on (seen on 12.0.0). */
  readonly lastCheckInAt: number | null;
};

/** A running transcode or remux; `bps` null where the server does not know it yet. */
export type Transcode = { readonly bps: number | null; readonly videoDirect: boolean; readonly audioDirect: boolean };

/** How well the server can be heard. `since` is when this state began, UTC ms. */
export type NeighbourHealth = {
  readonly state: 'live' | 'polling' | 'starting' | 'unreachable' | 'refused';
  readonly since: number;
  /** A sentence for a person; null when all is well. */
  readonly problem: string | null;
};

export type MediaUser = {
  readonly id: string;
  readonly name: string;
  /** The user's own limit; 0 or -1 is none. */
  readonly limitBps: number;
  readonly isAdministrator: boolean;
  readonly isDisabled: boolean;
  readonly mayWatchRemotely: boolean;
};

/** What the server itself decides with (facts: local or remote). */
export type MediaServerRules = {
  readonly limitBps: number;
  readonly localSubnets: readonly string[];
  readonly enableIPv6: boolean;
  readonly knownProxies: readonly string[];
  readonly version: string;
};

export type MediaServerListener = {
  sessions(streams: readonly PlayingStream[], at: number): void;
  health(health: NeighbourHealth): void;
};

/** What stood, and what stands now. */
export type LimitChange = { readonly beforeBps: number; readonly afterBps: number; readonly written: boolean };

/** Asked with the limit that stands; answers the one to write, or null to leave it. */
export type DecideLimit = (currentBps: number) => Promise<number | null>;

// What a media server is to Headgate, whichever product it is. The adapters fit these shapes, the features are built on them.
import type { NeighbourHealth } from './health.ts';
import type { DecideLimit, LimitChange } from './limit-change.ts';

/** One thing that plays now, as its server tells it. All rates bit/s, all times UTC ms. */
export type PlayingStream = {
  /** Unique on its server for as long as it plays. */
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly client: string;
  readonly device: string;
  /** Bare IP address, no port; null where the server does not say. */
  readonly address: string | null;
  /** Where the server itself says that the player is; absent where it does not say. `relayed`: through the maker's relay, so always by the uplink. */
  readonly saidPlace?: SaidPlace | null;
  readonly title: string;
  /** Of its server's library; absent where it does not say. */
  readonly itemId?: string | null;
  /** `download`: fetched to be watched later, so no viewer waits for it. */
  readonly kind: 'video' | 'audio' | 'live' | 'photo' | 'download';
  /** Not playing now; for Plex also while it fills its buffer. */
  readonly paused: boolean;
  readonly positionMs: number | null;
  readonly height: number | null;
  readonly transcode: Transcode | null;
  /** Rate of the source with the selected tracks; null where unknown. */
  readonly nominalBps: number | null;
  /** What the server itself sets aside for it; absent where it does no such thing. May be nonsense. */
  readonly reservedBps?: number | null;
  /** First seen playing this item, or sought: players burst for 20 s after it. */
  readonly startedAt: number;
  /** Last report of the player itself: it stops when the viewer is cut off, while everything else goes on. */
  readonly lastCheckInAt: number | null;
  /** What its player can be asked for; absent where nothing. */
  readonly skills?: PlayerSkills | null;
};

/** What a player says that it understands while it plays. */
export type PlayerSkills = {
  /** Negotiates anew when it is told which audio track to play, be it the one that plays: so a running stream hears of a changed limit. */
  readonly renegotiates: boolean;
  /** Begins its item anew, at a position. */
  readonly replays: boolean;
  /** Shows a text for some seconds. */
  readonly shows: boolean;
};

/** A running transcode or remux; `bps` null where the server does not know it yet. */
export type Transcode = {
  readonly bps: number | null;
  readonly videoDirect: boolean;
  readonly audioDirect: boolean;
  /** Made because the source is more than a limit, of the player's or of the user's, allows; absent where the server does not say. */
  readonly limited?: boolean;
};

export type SaidPlace = 'local' | 'remote' | 'relayed';

export type MediaUser = {
  readonly id: string;
  readonly name: string;
  /** The user's own limit; 0 or less is none. */
  readonly limitBps: number;
  readonly isAdministrator: boolean;
  readonly isDisabled: boolean;
  /** May watch from outside the home at all. */
  readonly mayWatchRemotely: boolean;
};

/** What the server itself decides with. */
export type MediaServerRules = {
  /** Server-wide limit per remote stream; 0 or less is none. */
  readonly limitBps: number;
  /** The server's own idea of "local": CIDR entries, `!` excludes; empty means its defaults. */
  readonly localSubnets: readonly string[];
  readonly enableIPv6: boolean;
  readonly knownProxies: readonly string[];
  readonly version: string;
};

export type MediaServer = {
  readonly name: string;
  /** `headgate`: our own TV channels, as far as clients come for them directly. */
  readonly type: 'jellyfin' | 'plex' | 'headgate';
  /** False: not behind this uplink. Never capped, never counted. */
  readonly onUplink: boolean;
  /** What its streams are, where they have no viewer's class. */
  readonly lineClass?: string;
  /** How long a paused stream still counts. Plex keeps its reservation; Jellyfin's stream is let go of by `restore_after` alone (0). */
  readonly pauseGraceMs: number;
  /**
   * Runs until the signal fires. `sessions` gets the whole list at each change, first after the first answer; `health` at each change of state.
   * Survives restarts and outages of the server by itself; never throws but for the abort.
   */
  watch(hear: MediaServerListener, signal: AbortSignal): Promise<void>;
  /** Null: this server limits nobody at our wish; its streams are counted, and everything else gives way. */
  readonly userLimits: UserLimits | null;
  /** Where `userLimits` is null: what an earlier run, configured otherwise, may have set; looked at and given back, never limited. */
  readonly earlierLimits?: UserLimits | null;
  /** Absent where nothing can be asked of its players. */
  readonly players?: Players | null;
};

/**
 * The players behind a server. Each call looks at the session anew and asks nothing of one that is paused, silent, gone or plays something else: it
 * answers false then, and true where the request was handed on, which says nothing of what the player makes of it.
 */
export type Players = {
  /** With the audio track that plays: the picture is away for some seconds, the position stays. */
  renegotiate(stream: PlayingStream, signal: AbortSignal): Promise<boolean>;
  /** The same item from its position: a visible restart. */
  replay(stream: PlayingStream, signal: AbortSignal): Promise<boolean>;
  /** A text that goes by itself. */
  show(stream: PlayingStream, text: string, signal: AbortSignal): Promise<boolean>;
};

/** A server whose users carry a limit each. Where a server has one limit for all of them, it tells one user who stands for everybody. */
export type UserLimits = {
  users(signal: AbortSignal): Promise<readonly MediaUser[]>;
  /** Null where the server decides by itself who is remote, and says so with each stream. */
  rules(signal: AbortSignal): Promise<MediaServerRules | null>;
  /** The limit as the server would give it back. Never 0 for a rate above 0. */
  rounded(bps: number): number;
  /**
   * Reads the whole policy, asks `decide` with the limit that stands, and unless it answers null writes the policy with only the limit changed and reads it back.
   * One at a time per user. `decide` is where the original is stored: if it throws, nothing is written. It may be asked several times.
   * @throws ControllerError upstream_failed where the value read back is not the one written.
   */
  changeUserLimit(userId: string, decide: DecideLimit, signal: AbortSignal): Promise<LimitChange>;
};

export type MediaServerListener = {
  sessions(streams: readonly PlayingStream[], at: number): void;
  health(health: NeighbourHealth): void;
};

// What the bandwidth feature needs of media servers, torrent clients and the WAN. The adapters fit these shapes; run-controller.ts hands them in.

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
  /** `download`: fetched to be watched later, so no viewer waits for it. */
  readonly kind: 'video' | 'audio' | 'live' | 'photo' | 'download';
  /** Not playing now; for Plex also while it fills its buffer. */
  readonly paused: boolean;
  readonly positionMs: number | null;
  readonly height: number | null;
  /** A running transcode or remux; `bps` null where the server does not know it yet. */
  readonly transcode: { readonly bps: number | null; readonly videoDirect: boolean; readonly audioDirect: boolean } | null;
  /** Rate of the source with the selected tracks; null where unknown. */
  readonly nominalBps: number | null;
  /** What the server itself sets aside for it; absent where it does no such thing. May be nonsense. */
  readonly reservedBps?: number | null;
  /** First seen playing this item, or sought: players burst for 20 s after it. */
  readonly startedAt: number;
  /** Last report of the player itself: it stops when the viewer is cut off, while everything else goes on. */
  readonly lastCheckInAt: number | null;
};

export type SaidPlace = 'local' | 'remote' | 'relayed';

/** How well a neighbour can be heard. `since` is when this state began. */
export type NeighbourHealth = {
  /** `live` by push · `polling` push is down or mute · `starting` · `unreachable` no answer · `refused` wrong key or password, not retried. */
  readonly state: 'live' | 'polling' | 'starting' | 'unreachable' | 'refused';
  readonly since: number;
  /** A sentence for a person; null when all is well. */
  readonly problem: string | null;
};

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
  readonly type: 'jellyfin' | 'plex';
  /** False: not behind this uplink. Never capped, never counted. */
  readonly onUplink: boolean;
  /** How long a paused stream still counts. Plex keeps its reservation; Jellyfin's stream is let go of by `restore_after` alone (0). */
  readonly pauseGraceMs: number;
  /**
   * Runs until the signal fires. `sessions` gets the whole list at each change, first after the first answer; `health` at each change of state.
   * Survives restarts and outages of the server by itself; never throws but for the abort.
   */
  watch(hear: MediaServerListener, signal: AbortSignal): Promise<void>;
  /** Null: this server limits nobody at our wish; its streams are counted, and everything else gives way. */
  readonly userLimits: UserLimits | null;
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
  changeUserLimit(
    userId: string,
    decide: (currentBps: number) => Promise<number | null>,
    signal: AbortSignal,
  ): Promise<LimitChange>;
};

export type MediaServerListener = {
  sessions(streams: readonly PlayingStream[], at: number): void;
  health(health: NeighbourHealth): void;
};

/** What stood, and what stands now. */
export type LimitChange = { readonly beforeBps: number; readonly afterBps: number; readonly written: boolean };

export type SpeedMode = 'normal' | 'alternative';
export type Direction = 'upload' | 'download';
/** One of a client's limits. */
export type LimitSlot = { readonly direction: Direction; readonly mode: SpeedMode };
/** bit/s by speed mode; 0 or less is none: a negative number is "none" as this client spells it, and is given back as it is. */
export type ModeLimits = Readonly<Record<SpeedMode, number>>;

export type TorrentReading = {
  readonly at: number;
  /** Payload rates, without protocol overhead. */
  readonly uploadBps: number;
  readonly downloadBps: number;
  /** Always `normal` where the client knows no other. */
  readonly mode: SpeedMode;
  /** Null where the client has no such limit: a Usenet client sends nothing. */
  readonly uploadLimitBps: ModeLimits | null;
  readonly downloadLimitBps: ModeLimits | null;
  /** The client's own switch whether peers on the LAN are limited too; null where it does not say. */
  readonly limitsLanPeers: boolean | null;
};

/** A download client: torrents, or Usenet. */
export type TorrentClient = {
  readonly name: string;
  /** The product, for people. */
  readonly type: string;
  readonly onUplink: boolean;
  /** Polls until the signal fires; `reading` after each answer, `health` at each change of state. Never throws but for the abort. */
  watch(hear: TorrentClientListener, signal: AbortSignal): Promise<void>;
  /** The limit as the client would give it back: qBittorrent keeps whole KiB/s. Never 0 for a rate above 0. */
  rounded(bps: number, direction: Direction): number;
  /** As UserLimits.changeUserLimit, for one slot; all others and the mode itself stay as they are. */
  changeLimit(slot: LimitSlot, decide: (currentBps: number) => Promise<number | null>, signal: AbortSignal): Promise<LimitChange>;
  readonly pausing: TorrentPausing;
};

/** Stopping everything, and starting again what was stopped, and nothing else. */
export type TorrentPausing = {
  /** Ids of what runs now. A client that is stopped as a whole says `*`, or nothing where its user stopped it. */
  running(signal: AbortSignal): Promise<readonly string[]>;
  /** Stops these. */
  pause(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Starts these; one that is gone or runs already is no error. */
  resume(ids: readonly string[], signal: AbortSignal): Promise<void>;
};

export type TorrentClientListener = {
  reading(reading: TorrentReading): void;
  health(health: NeighbourHealth): void;
};

/** The WAN that carries the home's traffic now. */
export type UplinkReading = {
  readonly router: string;
  readonly wan: string;
  /** Last sample; null before the first. */
  readonly sample: { readonly upBps: number; readonly downBps: number; readonly at: number } | null;
  /** Live tc rate, else UCI's; null without SQM. */
  readonly shaperUpBps: number | null;
  readonly shaperDownBps: number | null;
  /** The home's own addresses and delegated prefixes (CIDR). */
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly saturated: boolean | null;
};

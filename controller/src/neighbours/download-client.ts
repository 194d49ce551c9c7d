// What a torrent or Usenet client is to Headgate, whichever product it is.
import type { NeighbourHealth } from './health.ts';
import type { DecideLimit, LimitChange } from './limit-change.ts';

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
  /** What it is beside the torrent clients; absent for these. */
  readonly lineClass?: string;
  /** Polls until the signal fires; `reading` after each answer, `health` at each change of state. Never throws but for the abort. */
  watch(hear: TorrentClientListener, signal: AbortSignal): Promise<void>;
  /** The limit as the client would give it back: qBittorrent keeps whole KiB/s. Never 0 for a rate above 0. */
  rounded(bps: number, direction: Direction): number;
  /** As UserLimits.changeUserLimit, for one slot; all others and the mode itself stay as they are. */
  changeLimit(slot: LimitSlot, decide: DecideLimit, signal: AbortSignal): Promise<LimitChange>;
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

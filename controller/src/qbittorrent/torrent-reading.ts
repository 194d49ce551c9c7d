// What this adapter tells of a torrent client. Fits the shapes that bandwidth/neighbours.ts asks for, without importing them.

export type SpeedMode = 'normal' | 'alternative';
export type Direction = 'upload' | 'download';
export type LimitSlot = { readonly direction: Direction; readonly mode: SpeedMode };
export type ModeLimits = Readonly<Record<SpeedMode, number>>;

/** Limits are bit/s; 0 is none. */
export type TorrentReading = {
  readonly at: number;
  /** Payload rates, without protocol overhead. */
  readonly uploadBps: number;
  readonly downloadBps: number;
  readonly mode: SpeedMode;
  readonly uploadLimitBps: ModeLimits;
  readonly downloadLimitBps: ModeLimits;
  readonly limitsLanPeers: boolean | null;
};

export type Health = {
  readonly state: 'live' | 'starting' | 'unreachable' | 'refused';
  readonly since: number;
  readonly problem: string | null;
};

export type Listener = {
  reading(reading: TorrentReading): void;
  health(health: Health): void;
};

export type LimitChange = { readonly beforeBps: number; readonly afterBps: number; readonly written: boolean };

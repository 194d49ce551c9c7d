// What the operator decides: from the configuration, changed while running by the API, MQTT or Home Assistant.
import type { Reserve } from './line/uplink-budget.ts';

/** Rates bit/s, times ms. */
export type BandwidthSettings = {
  readonly enabled: boolean;
  readonly dryRun: boolean;
  /** Of the schedule, that holds now. */
  readonly rule: string | null;
  readonly algorithm: string;
  /** `standing`: every user who may watch from outside always carries a cap. `active`: only who streams. */
  readonly apply: 'standing' | 'active';
  readonly minPerViewerBps: number;
  readonly maxPerViewerBps: number;
  readonly stepBps: number;
  /** At most one write per target in this time, unless its cap falls. */
  readonly writeIntervalMs: number;
  readonly throttleAfterMs: number;
  readonly restoreAfterMs: number;
  /** What is done about streams that run already when there is too little for them: nothing, have their players negotiate anew, or begin them anew as well. */
  readonly runningStreams: 'leave' | 'renegotiate' | 'restart';
  /** Players that are known to obey, by the name that they give themselves; letter case does not count. */
  readonly renegotiateClients: readonly string[];
  /** Shown to a viewer who was asked; `{rate}` is the new limit. Empty: nothing. */
  readonly viewerMessage: string;
  readonly torrentFloorBps: number;
  readonly reserve: Reserve;
  /** Typed upload capacity; null takes the shaper's rate. */
  readonly capacityUpBps: number | null;
  readonly capacityDownBps: number | null;
  readonly classes: Readonly<Record<string, number>>;
  readonly defaultClass: string;
  /** By `user` or `server/user` in lower case. */
  readonly viewers: Readonly<Record<string, ViewerSettings>>;
  readonly torrents: TorrentSettings;
  readonly torrentClients: Readonly<Record<string, TorrentClientSettings>>;
};

export type TorrentSettings = {
  /** `activity`: clients that move something share by weight, the others keep a small net. `fixed`: by weight alone. */
  readonly share: 'activity' | 'fixed';
  readonly limitDownloads: 'never' | 'streaming' | 'always';
  /** What all clients together may always fetch. */
  readonly downloadFloorBps: number;
  readonly downloadReserve: Reserve;
  /** Less than this for all torrents together while someone watches, and they are stopped; null never. */
  readonly pauseBelowBps: number | null;
};

export type ViewerSettings = {
  readonly class?: string | undefined;
  readonly minBps?: number | undefined;
  readonly maxBps?: number | undefined;
  readonly exempt?: boolean | undefined;
};

export type TorrentClientSettings = {
  /** A fixed limit while someone watches; null shares the budget. */
  readonly whileStreamingBps: number | null;
  /** A fixed limit while nobody watches; null gives the user's own back. */
  readonly whenIdleBps: number | null;
  /** Its part beside the other clients'; 1 is usual. */
  readonly weight: number;
};

/** A viewer raised above the others until `until` (UTC ms). `bps` null is the largest cap that fits. */
export type Boost = { readonly viewer: string; readonly bps: number | null; readonly until: number };

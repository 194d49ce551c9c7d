// What the feature tells the outside: one value from which REST, MQTT and Home Assistant are fed.

import type { TorrentReading } from '../neighbours/download-client.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { Decision } from './decision.ts';
import type { Overhead } from './learned/overheads.ts';
import type { ClientOriginals, UserLimitShown } from './limits/shown-limits.ts';
import type { UplinkState } from './line/uplink-watch.ts';
import type { Override } from './overrides.ts';
import type { RehearsalState } from './rehearsal/rehearsal-state.ts';
import type { BandwidthSettings, Boost } from './settings.ts';
import type { WatchedStream } from './watched-streams.ts';

export type NeighbourStatus = {
  readonly name: string;
  readonly type: string;
  readonly onUplink: boolean;
  readonly lineClass?: string | undefined;
  readonly health: NeighbourHealth | null;
};

export type BandwidthStatus = {
  readonly settings: BandwidthSettings;
  readonly boosts: readonly Boost[];
  /** What holds until a moment. */
  readonly overrides: readonly Override[];
  /** Null before the first. */
  readonly decision: Decision | null;
  readonly uplink: UplinkState;
  readonly capacityUpBps: number | null;
  readonly capacityDownBps: number | null;
  readonly capacityFrom: 'operator' | 'router' | null;
  readonly streams: readonly WatchedStream[];
  /** What was learned of players, by `client|method`. */
  readonly overheads: ReadonlyMap<string, Overhead>;
  readonly mediaServers: readonly NeighbourStatus[];
  readonly torrentClients: readonly (NeighbourStatus & { readonly reading: TorrentReading | null })[];
  /** By viewer, and by download client: what stands, and what was there before us. */
  readonly userLimits: ReadonlyMap<string, UserLimitShown>;
  readonly clientOriginals: ReadonlyMap<string, ClientOriginals>;
  /** Sentences that want an operator. */
  readonly warnings: readonly string[];
  /** Targets whose original is not back yet, and clients of which we stopped something. */
  readonly held: number;
  /** Null where nothing of it is switched on. */
  readonly rehearsal: RehearsalState | null;
};

// Pure: the shapes of one decision: what it is made from, what it says, and what is remembered until the next.

import type { SpeedMode } from '../neighbours/download-client.ts';
import type { Allocator } from './allocators/allocator.ts';
import type { Activity } from './client-activity.ts';
import type { Hold } from './hold-release.ts';
import type { KnownLine } from './line/known-line.ts';
import type { Rush } from './line/saturation.ts';
import type { UplinkBudget } from './line/uplink-budget.ts';
import type { BandwidthSettings, Boost } from './settings.ts';
import type { StreamingPhase } from './streaming-phase.ts';
import type { WatchedStream } from './watched-streams.ts';

/** A user of a media server, as far as a cap is concerned. */
export type ViewerInput = {
  /** `server/user id`. */
  readonly key: string;
  readonly server: string;
  readonly name: string;
  /** Behind this uplink, enabled, and allowed to watch from outside. */
  readonly eligible: boolean;
  /** The user's own limit before us, else the server's; Infinity where neither. */
  readonly ceilingBps: number;
  /** Whose limit that is: a user without one has the server's. */
  readonly ceilingFrom?: 'user' | 'server';
};

export type TorrentInput = {
  readonly client: string;
  readonly onUplink: boolean;
  /** It sends at all, and its upload can be limited: a Usenet client's cannot. */
  readonly uploads: boolean;
  /** Payload rates of its last reading. */
  readonly uploadBps: number;
  readonly downloadBps: number;
  /** Null until first heard: nothing is decided for it. */
  readonly mode: SpeedMode | null;
  /** The user's own upload limit of each mode before us; Infinity where none. */
  readonly ceilingBps: Readonly<Record<SpeedMode, number>>;
  /** The same for its downloads; null where these cannot be limited. */
  readonly downloadCeilingBps: Readonly<Record<SpeedMode, number>> | null;
};

export type DecisionInput = {
  /** Steady ms. */
  readonly now: number;
  readonly utcNow: number;
  readonly settings: BandwidthSettings;
  readonly allocator: Allocator;
  readonly boosts: readonly Boost[];
  /** What is known of the line beside what was typed: other settings make another capacity of it. */
  readonly line: KnownLine;
  /** Typed or measured; null where nobody said. */
  readonly capacityUpBps: number | null;
  readonly capacityDownBps: number | null;
  /** What others send; null while it cannot be told. */
  readonly otherBps: number | null;
  /** What others fetch; null while it cannot be told. */
  readonly otherDownBps: number | null;
  /** The line is full, or was within the last minute, and no start explains it; else null. */
  readonly rush: Rush | null;
  /** How long the router has been silent; null where no router was ever heard. */
  readonly routerSilentMs: number | null;
  /** A server that went silent 15 min ago while someone watched. */
  readonly serverLost: boolean;
  readonly streams: readonly WatchedStream[];
  readonly viewers: readonly ViewerInput[];
  readonly torrents: readonly TorrentInput[];
};

export type Mode = 'idle' | 'streaming' | 'safe' | 'off' | 'unknown';

export type ViewerCap = {
  readonly key: string;
  readonly server: string;
  readonly name: string;
  /** bit/s; null is "as the user had it". */
  readonly capBps: number | null;
  readonly streams: number;
  readonly why: 'share' | 'standing' | 'boost' | 'kept' | 'minimum' | 'ceiling' | 'exempt' | 'free';
  /** Steady ms of the viewer's newest own start. */
  readonly startedAt: number | null;
};

export type TorrentCap = { readonly client: string; readonly mode: SpeedMode; readonly capBps: number | null };

export type Decision = {
  readonly at: number;
  readonly mode: Mode;
  readonly reason: string;
  readonly budget: UplinkBudget | null;
  readonly runningBps: number;
  readonly counted: number;
  readonly viewers: readonly ViewerCap[];
  readonly torrents: readonly TorrentCap[];
  /** Null where torrents are as the user had them. */
  readonly torrentTotalBps: number | null;
  /** As `torrents`, for what the clients fetch. */
  readonly downloads: readonly TorrentCap[];
  /** Null where downloads are as the user had them. */
  readonly downloadTotalBps: number | null;
  /** Clients that are to be stopped: what is left for torrents is less than the operator wants them to run with. */
  readonly pausedClients: readonly string[];
  readonly overCommitmentBps: number;
  readonly stale: boolean;
  readonly newestStartAt: number | null;
};

export type DecisionMemory = {
  readonly phase: StreamingPhase;
  readonly mode: Mode;
  readonly holds: ReadonlyMap<string, Hold>;
  /** What is in force, which the safe plan keeps; null is "as the user had it". */
  readonly caps: ReadonlyMap<string, number | null>;
  /** Clients that send, and that fetch. */
  readonly sending: Activity;
  readonly fetching: Activity;
  /** What was in force for all downloads together; Infinity where nothing. */
  readonly fetchedBps: number;
  readonly paused: boolean;
};

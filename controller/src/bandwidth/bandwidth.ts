// What the bandwidth feature is to the rest of the program: what it needs, and what it offers.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { DemandHolds } from './alarms/high-demand.ts';
import type { Allocators } from './allocators/allocator.ts';
import type { BandwidthEvent, OpenAlarm } from './bandwidth-event.ts';
import type { BandwidthStatus } from './bandwidth-status.ts';
import type { Decision } from './decision.ts';
import type { DecisionStore } from './decision-store.ts';
import type { Explainer } from './explain/explainer.ts';
import type { OverheadStore } from './learned/overhead-store.ts';
import type { LimitStore } from './limits/limit-store.ts';
import type { Onlooker } from './onlooker.ts';
import type { Override } from './overrides.ts';
import type { PauseStore } from './pausing/pause-store.ts';
import type { Boost } from './settings.ts';
import type { SettingsChange, SettingsStore } from './settings-store.ts';
import type { HomeRanges } from './viewer-location.ts';
import type { Neighbours } from './world.ts';

export type BandwidthDeps = {
  readonly neighbours: Neighbours;
  readonly stores: {
    readonly limits: LimitStore;
    readonly pauses: PauseStore;
    readonly settings: SettingsStore;
    readonly decisions: DecisionStore;
    readonly overheads: OverheadStore;
    /** Of an earlier run; none where nobody kept them. */
    readonly alarms?: readonly OpenAlarm[];
  };
  readonly rules: {
    readonly allocators: Allocators;
    readonly homeRanges: HomeRanges;
    /** Absent: the usual ones. */
    readonly demandHolds?: DemandHolds;
    /** Null or absent: nobody looks on. */
    readonly onlooker?: Onlooker | null;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: BandwidthEvent) => void;
  /** Random text for a decision's id. */
  readonly newId: () => string;
};

export type Bandwidth = {
  status(): BandwidthStatus;
  /** The part of it that changes each second. */
  neighbours(): Pick<BandwidthStatus, 'streams' | 'mediaServers' | 'torrentClients'>;
  /** Called after each decision that differs from the one before, and after what an operator changed. Answers with a function that ends it. */
  onDecision(listener: () => void): () => void;
  decisions: DecisionStore['latest'];
  searchDecisions: DecisionStore['search'];
  explainViewer: Explainer['explainViewer'];
  explainClient: Explainer['explainClient'];
  explainUplink: Explainer['explainUplink'];
  /** Whether a stream of this rate, bit/s, to a client at this address finds room on the uplink. At home, and while nothing is known, always. */
  fits(address: string, bps: number): boolean;
  /** @throws ControllerError input_invalid for an unknown algorithm. */
  change(change: SettingsChange, by: string): Promise<void>;
  /** A change until a moment (UTC ms), over all else; one in the past takes it back. @throws ControllerError input_invalid for what cannot be. */
  override(wish: Override, by: string): Promise<void>;
  /** `viewer` is a key or `server/user name`. @throws ControllerError not_found for an unknown viewer. */
  boost(boost: Boost, by: string): Promise<void>;
  /** Nobody is above the others any more. */
  endBoosts(by: string): Promise<void>;
  /** Puts every original back, starts what was stopped, and stays disabled. Answers with the names of what could not be put back. */
  restoreNow(by: string): Promise<readonly string[]>;
  /** Runs until the signal fires; then puts every original back and starts what was stopped, within 8 s. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** One look at everything, one decision, carried out; nothing is put back at the end. For `--once`. */
  once(signal: AbortSignal): Promise<Decision>;
};

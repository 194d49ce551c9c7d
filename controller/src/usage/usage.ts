// What the usage feature is to the rest of the program: what it needs, and what it offers.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Dimension, Drawing, Place } from './amount.ts';
import type { WanCount, WanSample } from './count-wan.ts';
import type { Budget, CapDirection, DataCap, Month } from './data-cap.ts';
import type { Series, Step } from './usage-series.ts';
import type { UsageStore } from './usage-store.ts';
import type { HomeDays } from './wan-days.ts';

/** What happened, for notifications. */
export type UsageEvent = {
  readonly type: 'data_cap_warning' | 'data_cap_reached';
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

export type UsageDeps = {
  readonly store: UsageStore;
  readonly reads: {
    readonly drawing: () => Drawing;
    /** The newest word of the WAN whose bytes are counted; null where none was heard. */
    readonly wan: () => WanSample | null;
  };
  readonly cap: DataCap;
  readonly days: HomeDays;
  readonly tell: (event: UsageEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type MonthStatus = Month & {
  readonly now: number;
  readonly used: WanCount;
  readonly today: WanCount;
  /** How much of the month so far nobody measured, ms. */
  readonly missingMs: number;
  readonly budgets: readonly Budget[];
  readonly whenReached: DataCap['whenReached'];
};

export type SeriesWanted = {
  readonly by: Dimension;
  readonly place: Place | null;
  readonly name: string | null;
  readonly from: number;
  readonly to: number;
  readonly stepMs: number | null;
  /** At most so many names; the rest stand together. */
  readonly most: number;
};

export type Usage = {
  /** @throws ControllerError input_invalid where the answer would be too long. */
  series(wanted: SeriesWanted): Promise<{ readonly step: Step; readonly series: readonly Series[] }>;
  /** By day, or by the provider's month, with the home's midnights. */
  totals(wanted: Omit<SeriesWanted, 'stepMs'>, period: 'day' | 'month'): Promise<readonly Series[]>;
  month(): MonthStatus;
  /** Which data caps are used up. */
  reached(): ReadonlySet<CapDirection>;
  /** Called after each minute that was written, and where a cap was passed. Answers with a function that ends it. */
  onNews(listener: () => void): () => void;
  /** Counts until the signal fires; then writes the minute that is open. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

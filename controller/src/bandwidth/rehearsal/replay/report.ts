// Pure: what a rehearsal answers with. Times ms and UTC ms, rates bit/s; plain values, so that it crosses threads.
import type { DifferenceFigures } from './difference-tally.ts';
import type { SideFigures } from './side-tally.ts';
import type { WriteCounts } from './simulated-limits.ts';

export type Gap = { readonly from: number; readonly to: number };

export type ReportSide = SideFigures & { readonly writes: Readonly<WriteCounts> };

export type RehearsalReport = {
  /** Of the first and the last replayed turn; null where nothing is recorded in the span. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly turns: number;
  /** Time that the figures are about: without gaps. */
  readonly replayedMs: number;
  /** Of that, what is known by one turn a minute only. */
  readonly thinnedMs: number;
  readonly gaps: { readonly count: number; readonly ms: number; readonly first: readonly Gap[] };
  /** Turns that came too fast to be recorded. */
  readonly leftOut: number;
  /** Turns that this Headgate decides otherwise than the one that recorded them, under the same settings. */
  readonly decidedOtherwise: number;
  readonly was: ReportSide;
  readonly would: ReportSide;
  readonly differences: DifferenceFigures;
  /** Settings that were changed by hand in that time, and so are not the configuration's. */
  readonly changedByHand: readonly string[];
  /** Sentences: files that are damaged, of another version or unfinished. */
  readonly problems: readonly string[];
};

/** What no replay can know, told with each. */
export const CAVEATS: readonly string[] = [
  'Players would have drawn otherwise under other caps; they are replayed as they drew.',
  'Other traffic and what torrents moved are as they were measured under the limits of that time.',
  'Where viewers are (network), which servers and clients there are, and who is on this uplink is as it was recorded.',
  'Writes are counted as if each took at once and no neighbour rounded.',
];

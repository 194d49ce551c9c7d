// One row of the schedule: the one truth for stream, guide and API. Pure.

export type ScheduleEntry = {
  /** Of the row, for ever; text. */
  readonly id: string;
  readonly channelId: number;
  /** UTC ms, whole seconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: 'programme' | 'clip' | 'card' | 'still';
  /** `manual` stands; `auto` re-flows around it. */
  readonly origin: 'manual' | 'auto';
  readonly title: string;
  readonly seriesTitle: string | null;
  readonly season: number | null;
  readonly episode: number | null;
  /** Null for cards and stills. */
  readonly item: { readonly server: string; readonly id: string; readonly libraryId: string } | null;
  /** Where in the item the entry begins; 0 but for clips cut to fit. */
  readonly fromMs: number;
  readonly genres: readonly string[];
  /** `slot` and date rule names: entries that skipping must not move. */
  readonly fixed: boolean;
};

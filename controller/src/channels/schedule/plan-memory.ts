// Where a channel's line-up stands between two plannings. Pure.

/** Plain JSON. Bounded by the channel's items: a mark per series, at most three numbers per item of each line-up. */
export type PlanMemory = {
  readonly version: 1;
  /** Per series the episode that went before the next; one mark for the whole channel, so that its order holds over slots too. */
  readonly series: Readonly<Record<string, EpisodeMark>>;
  /** Episodes planned once and pushed out by a re-flow, per series in their order; they come before the mark's. */
  readonly held: Readonly<Record<string, readonly string[]>>;
  /** The ordinary line-up is under ``, each choice of a slot or date rule under its own key. */
  readonly lines: Readonly<Record<string, LineMemory>>;
  readonly clips: BagMemory | null;
};

/** By season and number, not by place: episodes may come and go in between. */
export type EpisodeMark = {
  readonly season: number | null;
  readonly episode: number | null;
  readonly id: string;
  /** The marked episode itself is next. */
  readonly include: boolean;
};

export type LineMemory = {
  /** Hash of the series whose turn it was last, and how many more of its episodes belong to its block. */
  readonly turn: number | null;
  readonly left: number;
  /** How much running time films are owed by series (negative: the other way), ms. */
  readonly owedMs: number;
  readonly films: BagMemory | null;
  readonly episodes: BagMemory | null;
  /** Of films in order: the last that aired. */
  readonly film: { readonly year: number | null; readonly title: string; readonly id: string } | null;
  /** What comes first, in order: left over from a re-flow. */
  readonly waiting: readonly Waiting[];
};

/** An episode waits as its series' turn: which one it is, the channel's order of that series says. */
export type Waiting = { readonly series: string } | { readonly item: string };

/** Hashes of item keys. */
export type BagMemory = {
  readonly round: number;
  /** Aired in this round. */
  readonly played: readonly number[];
  /** What aired last, in order. */
  readonly last: readonly number[];
};

// A channel as its owner describes it. What plays when is schedule-entry.ts. Pure.

export type Channel = {
  /** Counts up, never used again. */
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  /** `100.1`; unique. */
  readonly number: string;
  readonly group: string | null;
  /** URL or absolute path of an image; null for none. */
  readonly logo: string | null;
  readonly enabled: boolean;
  /** `manual` is never filled by itself. */
  readonly scheduleType: 'manual' | 'genre_auto';
  /** The same seed, items and rules give the same schedule. */
  readonly seed: number;
  readonly selection: Selection;
  readonly rules: ChannelRules;
  readonly look: ChannelPicture;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What may be on the channel: all of `libraries` and `sources`, narrowed by the rest. Empty lists narrow nothing. */
export type Selection = {
  readonly libraries: readonly {
    readonly server: string;
    readonly id: string;
    readonly name: string;
    readonly collectionType: string | null;
  }[];
  readonly sources: readonly {
    readonly kind: 'series' | 'collection' | 'playlist';
    readonly server: string;
    readonly id: string;
    readonly name: string;
  }[];
  readonly genres: readonly { readonly genre: string; readonly contentType: 'movie' | 'episode' | 'both' }[];
  readonly tags: readonly string[];
  readonly studios: readonly string[];
  readonly years: { readonly from: number | null; readonly to: number | null } | null;
  /** Name of the highest rating that may air, as the library shows it, and its score. Unrated items air unless `unrated` is false. */
  readonly maxRating: { readonly name: string; readonly score: number; readonly unrated: boolean } | null;
  readonly exclusions: readonly { readonly server: string; readonly id: string }[];
};

export type ChannelRules = {
  readonly series: 'in_order' | 'shuffled';
  /** How many episodes of one series follow each other before the next has its turn. */
  readonly block: number;
  readonly films: 'shuffled' | 'by_year' | 'by_title';
  readonly slots: readonly Slot[];
  readonly dates: readonly DateRule[];
  readonly filler: Filler;
};

/** A narrower choice among the channel's items (or, by `sources`, beside them). Empty lists narrow nothing. */
export type Choice = {
  readonly kinds: readonly ('movie' | 'episode' | 'video')[];
  readonly series: readonly string[];
  readonly genres: readonly string[];
  readonly tags: readonly string[];
  /** Words in titles, without regard to case. */
  readonly titles: readonly string[];
  readonly items: readonly { readonly server: string; readonly id: string }[];
};

/** A part of the week that plays a choice. Times are the home's wall clock; an end at or before the start is on the next day. */
export type Slot = {
  /** 1 is Monday, 7 is Sunday; empty is each day. */
  readonly days: readonly number[];
  /** `20:15` */
  readonly start: string;
  readonly end: string;
  readonly choice: Choice;
};

/** Days that replace the line-up by themselves: `12-24` to `12-26` each year (a later start than end wraps over new year), or full dates once. */
export type DateRule = {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** What plays all day, but for `slots`; null leaves the ordinary line-up between them. */
  readonly choice: Choice | null;
  readonly slots: readonly Slot[];
};

/** What fills the time that no programme fits into. `next_show`: nothing, the next one starts at once where nothing is fixed. */
export type Filler = {
  readonly kind: 'next_show' | 'clips' | 'still' | 'card';
  /** Of `clips`: items of these libraries or collections; they close a gap exactly, the last one cut. */
  readonly from: readonly { readonly server: string; readonly id: string; readonly name: string }[];
  /** Of `still`: absolute path of an image. */
  readonly image: string | null;
  /** Programmes start on multiples of so many minutes; 0 is off. */
  readonly padToMinutes: 0 | 5 | 10 | 15 | 30 | 60;
};

export type ChannelPicture = {
  /** `small` is 1184×666, `large` 1888×1062: just under the widths by which Jellyfin guesses 8 and 20 Mbit/s. */
  readonly size: 'small' | 'large';
  /** `auto` copies where every item agrees. */
  readonly transport: 'encode' | 'auto';
  readonly fps: 24 | 25 | 30 | 50 | 60;
  /** ISO 639-2; null is each file's own default. */
  readonly audioLanguage: string | null;
  /** Burnt in where a file has it; null is none. */
  readonly subtitleLanguage: string | null;
  readonly watermark: {
    readonly corner: 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
    readonly opacity: number;
    readonly widthPercent: number;
  } | null;
};

// One programme as it is to be played: what the schedule says and what ffmpeg needs to know of it. Pure.
import type { MediaInfo } from './media-info.ts';

/** Steps of one channel follow each other without a gap: each `endMs` is the next one's `startMs`. All times UTC ms. */
export type PlanStep = {
  readonly entryId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string;
  readonly source: ItemSource | CardSource;
  /** `copy` only from an item's start, and only where all of the channel's items agree; in mid-item the host encodes. */
  readonly transport: 'encode' | 'copy';
};

export type ItemSource = {
  readonly kind: 'item';
  /** Tried first where this machine can read it. */
  readonly path: string | null;
  /** The media server's own stream. Headers hold a key: never logged, never in an argument list. */
  readonly http: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Whom to believe behind https; absent: the system's authorities. */
    readonly tls?: SourceTls;
  } | null;
  /** Where in the file the entry begins: 0 but for a clip that is cut to fit. */
  readonly fromMs: number;
  /** Null: nothing is known; the host looks before it plays. */
  readonly media: MediaInfo | null;
  /** Ordinal of the audio stream; null is the first, or silence where there is none. */
  readonly audio: number | null;
  /** Drawn into the picture; null for none. */
  readonly subtitle: { readonly ordinal: number; readonly kind: 'text' | 'bitmap' } | null;
  /** Towards the house's loudness, as the nightly probe measured it; 0 where it did not. */
  readonly gainDb: number;
};

/** As the media server's own section of the configuration has it. */
export type SourceTls = { readonly ca?: string; readonly fingerprint256?: string; readonly verify?: boolean };

/** Nothing from a library: a text, or a still image, with silence. */
export type CardSource = { readonly kind: 'card'; readonly lines: readonly string[]; readonly image: string | null };

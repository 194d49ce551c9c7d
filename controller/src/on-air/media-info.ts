// What a media file holds, as far as playing it on a channel depends on it. Pure.
import type { FrameRate } from './picture.ts';

export type MediaInfo = {
  readonly durationMs: number | null;
  readonly container: string | null;
  /** The first that is a moving picture; null for sound alone. */
  readonly video: VideoInfo | null;
  readonly audio: readonly AudioInfo[];
  readonly subtitles: readonly SubtitleInfo[];
};

export type VideoInfo = {
  /** ffmpeg's names: `h264`, `hevc`. */
  readonly codec: string;
  readonly profile: string | null;
  /** As ffprobe has it: 40 for 4.0. */
  readonly level: number | null;
  readonly width: number;
  readonly height: number;
  /** Of one pixel; null where it is square or not told. */
  readonly sampleAspect: { readonly num: number; readonly den: number } | null;
  readonly rate: FrameRate | null;
  readonly pixelFormat: string | null;
  readonly interlaced: boolean;
  /** PQ or HLG: must be tone-mapped for an ordinary screen. */
  readonly hdr: boolean;
  /** Which of the two, where it is told. */
  readonly transfer?: 'pq' | 'hlg';
};

export type AudioInfo = {
  /** The how many-th audio stream inside the file, from 0: ffmpeg's `0:a:N`. */
  readonly ordinal: number;
  readonly codec: string;
  readonly profile: string | null;
  readonly sampleRate: number | null;
  readonly channels: number | null;
  /** ISO 639-2 as files have it (`eng`, `ger`), lower case. */
  readonly language: string | null;
  readonly isDefault: boolean;
  /** Where in the file it begins, if more than a moment after the file does. */
  readonly lateMs?: number;
};

export type SubtitleInfo = {
  /** ffmpeg's `0:s:N`. Subtitles beside the file are not told here. */
  readonly ordinal: number;
  readonly codec: string;
  /** `bitmap` is overlaid, `text` is drawn. */
  readonly kind: 'text' | 'bitmap';
  readonly language: string | null;
  readonly forced: boolean;
  readonly isDefault: boolean;
};

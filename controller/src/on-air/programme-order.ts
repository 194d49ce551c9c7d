// What the stream process asks of ffmpeg, and what it gets back: the port between live/ and ffmpeg/.
import type { Readable } from 'node:stream';
import type { MediaInfo } from './media-info.ts';
import type { Picture, Watermark } from './picture.ts';

/** One run of ffmpeg: MPEG-TS on its output, video before audio, from a key frame at time 0 to exactly `durationMs` (encode), or as the file has it (copy). */
export type ProgrammeOrder = {
  readonly input: ProgrammeInput;
  /** Encoded length, video and audio padded or cut to it. For copy the most that is read. */
  readonly durationMs: number;
  readonly picture: Picture;
  readonly watermark: Watermark | null;
  readonly transport: 'encode' | 'copy';
  /** Somebody waits for the first frame: least latency before best picture. */
  readonly hurry: boolean;
};

export type ProgrammeInput =
  | {
      readonly kind: 'file';
      /** A local path, or a URL without any secret. */
      readonly from: string;
      /** Where in the file. */
      readonly seekMs: number;
      readonly media: MediaInfo | null;
      readonly audio: number | null;
      readonly subtitle: { readonly ordinal: number; readonly kind: 'text' | 'bitmap' } | null;
      readonly gainDb: number;
    }
  | { readonly kind: 'card'; readonly lines: readonly string[]; readonly image: string | null };

/** A process that runs. It ends with the signal at once, with its own end, and with this process whatever kills that. */
export type RunningProgramme = {
  readonly pid: number | null;
  readonly output: Readable;
  /** Never rejects. `problem` is a sentence without secrets where it did not end well; null where it did or was ended by us. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly problem: string | null }>;
};

/** Rejects nothing: a program that cannot be started ends at once with a problem. */
export type StartProgramme = (order: ProgrammeOrder, signal: AbortSignal) => RunningProgramme;

/**
 * A loop of about 2 s with silence and these lines, as MPEG-TS: whole frames, whole audio frames. @throws ControllerError upstream_failed
 * `haste`: whether a viewer waits for it, or it gives way to whatever plays.
 */
export type MakeSlate = (
  picture: Picture,
  lines: readonly string[],
  signal: AbortSignal,
  haste?: 'awaited' | 'ahead',
) => Promise<Uint8Array>;

/** What a file or URL holds. @throws ControllerError upstream_failed, timeout */
export type ProbeMedia = (from: string, signal: AbortSignal) => Promise<MediaInfo>;

/** dB to add so that the file is as loud as the house (EBU R128, -23 LUFS), from samples of it; 0 where it has no sound. @throws as ProbeMedia */
export type MeasureGain = (from: string, media: MediaInfo, audio: number | null, signal: AbortSignal) => Promise<number>;

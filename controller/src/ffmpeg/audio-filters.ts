// Pure: whatever a file sounds like, as the channel sounds: from 0, without holes, at one rate and layout, without an end.
import type { Picture } from '../on-air/picture.ts';
import { seconds } from './filter-text.ts';

/** More channels are mixed down without clipping: for float samples ffmpeg does not normalise the mix by itself. */
export const downMix = (rate: number, channels: number): string =>
  `aresample=${rate}:async=1:min_hard_comp=0.02:rematrix_maxval=1.0,aformat=sample_fmts=fltp:sample_rates=${rate}:channel_layouts=${layouts[channels] ?? `${channels}c`}`;

/**
 * Sound that begins late, a second at most or as late as its file was seen to, begins at 0 with silence after its first frame. Not by `first_pts=0`:
 * where a broadcast goes from stereo to 5.1, ffmpeg builds the graph anew, and that would put all the time since 0 before it as silence.
 */
const fromTheStart = (lateMs: number): string =>
  `asetpts=if(eq(N\\,0)*lt(T\\,${seconds(Math.max(0, lateMs) + 1_000)})\\,0\\,PTS)`;

const layouts: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' };

/** A gain upwards was measured on samples of the file: the limiter holds what is louder elsewhere. Its 5 ms are not heard. */
const gain = (gainDb: number): readonly string[] => {
  if (Math.abs(gainDb) < 0.05) return [];
  return [`volume=${gainDb.toFixed(2)}dB`, ...(gainDb > 0 ? ['alimiter=limit=0.891:level=disabled'] : [])];
};

export const silence = ({ sampleRate, channels }: Pick<Picture['audio'], 'sampleRate' | 'channels'>): string =>
  `anullsrc=r=${sampleRate}:cl=${layouts[channels] ?? `${channels}c`}`;

/** `lateMs`: how long after the place that is sought its first sound comes. */
export type Sound = { readonly ordinal: number; readonly gainDb: number; readonly lateMs: number };

/** A graph that ends in `[a]`. Null is silence. */
export function audioGraph(sound: Sound | null, { sampleRate, channels }: Picture['audio']): string {
  if (sound === null) return `${silence({ sampleRate, channels })}[a]`;
  const { ordinal, gainDb, lateMs } = sound;
  return `[0:a:${ordinal}]${[fromTheStart(lateMs), downMix(sampleRate, channels), ...gain(gainDb), 'apad'].join(',')}[a]`;
}

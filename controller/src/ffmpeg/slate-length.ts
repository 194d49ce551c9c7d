// Pure: how long a loop of about 2 s is, so that picture and sound end together in whole frames.
import type { Picture } from '../on-air/picture.ts';

/** Samples of one AAC frame. */
export const aacFrame = 1024;

export type SlateLength = { readonly videoFrames: number; readonly audioFrames: number };

/** Exact where a length under 4 s is: 48 frames and 90 at 25/s and 48 kHz. Else (29.97/s, 44.1 kHz) the nearest between 1.6 and 2.4 s. */
export function slateLength({ rate, audio }: Pick<Picture, 'rate' | 'audio'>): SlateLength {
  const lengths = (fromS: number, toS: number): readonly (SlateLength & { readonly off: number; readonly far: number })[] => {
    const first = Math.max(1, Math.ceil((fromS * rate.num) / rate.den));
    const last = Math.max(first, Math.floor((toS * rate.num) / rate.den));
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const videoFrames = first + i;
      const exact = (videoFrames * rate.den * audio.sampleRate) / (rate.num * aacFrame);
      const audioFrames = Math.max(1, Math.round(exact));
      return {
        videoFrames,
        audioFrames,
        off: Math.abs(exact - audioFrames),
        far: Math.abs((videoFrames * rate.den) / rate.num - 2),
      };
    });
  };
  const whole = lengths(1, 4).filter(({ off }) => off < 1e-9);
  const [best] = whole.length > 0 ? whole.toSorted((a, b) => a.far - b.far) : lengths(1.6, 2.4).toSorted((a, b) => a.off - b.off);
  return best === undefined
    ? { videoFrames: 48, audioFrames: 90 }
    : { videoFrames: best.videoFrames, audioFrames: best.audioFrames };
}

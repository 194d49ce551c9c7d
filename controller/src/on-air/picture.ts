// What a channel looks and sounds like, whatever it plays: fixed for its life, since Jellyfin's probe cache never looks again. Pure.

/** Frames per second as a fraction: 25/1, 24000/1001. */
export type FrameRate = { readonly num: number; readonly den: number };

export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly rate: FrameRate;
  /** Frames from one key frame to the next. */
  readonly gop: number;
  readonly h264Profile: 'baseline' | 'main' | 'high';
  /** As ffmpeg's `-level` has it: `4.0`. */
  readonly h264Level: string;
  /** The encoder's ceiling for video. */
  readonly videoBps: number;
  readonly audio: { readonly sampleRate: 44_100 | 48_000; readonly channels: number; readonly bps: number };
};

/** A logo over the picture. */
export type Watermark = {
  /** A local PNG, made absolute. */
  readonly path: string;
  readonly corner: 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
  /** 0 to 1. */
  readonly opacity: number;
  /** Of the picture's width. */
  readonly widthPercent: number;
};

/** Equal texts are equal pictures: a name for slates made for it. */
export const pictureKey = ({ width, height, rate, gop, h264Profile, h264Level, videoBps, audio }: Picture): string =>
  [
    `${width}x${height}`,
    `${rate.num}-${rate.den}`,
    `g${gop}`,
    `${h264Profile}-${h264Level}`,
    `v${videoBps}`,
    `a${audio.sampleRate}-${audio.channels}-${audio.bps}`,
  ].join('_');

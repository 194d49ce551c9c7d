// How ffmpeg is found and used on this machine. Pure.

export type FfmpegSettings = {
  /** Program names or paths: `channels.ffmpeg`, `channels.ffprobe`. */
  readonly ffmpeg: string;
  readonly ffprobe: string;
  readonly acceleration: Acceleration;
  /** For vaapi and qsv: /dev/dri/renderD128. Null is the first render node. */
  readonly device: string | null;
  /** A font file for cards; null leaves the choice to fontconfig. */
  readonly font: string | null;
};

export type Acceleration = 'software' | 'vaapi' | 'qsv' | 'nvenc' | 'v4l2';

/** What arguments depend on besides the order. `zscale`: this build tone-maps properly. */
export type Machine = Pick<FfmpegSettings, 'acceleration' | 'device' | 'font'> & { readonly zscale: boolean };

// Pure: whatever a file looks like, as the channel looks: one size, shape, rate and colour, from 0, without an end.
import type { MediaInfo, VideoInfo } from '../on-air/media-info.ts';
import type { Picture, Watermark } from '../on-air/picture.ts';
import { filterValue, seconds } from './filter-text.ts';

export type VideoWishes = {
  readonly media: MediaInfo;
  readonly picture: Picture;
  readonly subtitle: { readonly ordinal: number; readonly kind: 'text' | 'bitmap' } | null;
  /** The local file, for text subtitles. */
  readonly path: string | null;
  readonly seekMs: number;
  /** Tone mapping by zscale. */
  readonly zscale: boolean;
};

/** Fills the picture as far as the shape allows, by pixels that need not be square; the rest is bars. */
const fit = ({ width, height }: Picture): string =>
  `w=trunc(min(${width}\\,${height}*dar)/2)*2:h=trunc(min(${height}\\,${width}/dar)/2)*2`;

export const bars = ({ width, height }: Picture): string => `setsar=1,pad=w=${width}:h=${height}:x=-1:y=-1:color=black`;

/** The tags go into the stream's parameter sets: the same ones whatever the file said. */
export const tags = 'format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709';

/** Files under PAL's height are BT.601 as a rule, others BT.709; many have no tag. */
const scale = (video: VideoInfo, picture: Picture): string =>
  `scale=${fit(picture)}:flags=bicubic:in_color_matrix=${video.height <= 576 ? 'bt601' : 'bt709'}:out_color_matrix=bt709:out_range=tv`;

/**
 * Down to size first: the mapping works on floats. Tags that are missing (Dolby Vision) are set, else zscale finds no way.
 * Without zscale: the wide gamut's matrix undone and the dark picture lifted, no more.
 */
const toneMap = (video: VideoInfo, picture: Picture, zscale: boolean): string => {
  const size = `scale=${fit(picture)}:flags=bicubic`;
  if (!zscale)
    return `${size}:in_color_matrix=bt2020:out_color_matrix=bt709:out_range=tv,format=yuv420p,eq=gamma=1.4:contrast=1.2:saturation=1.5`;
  const transfer = video.transfer === 'hlg' ? 'arib-std-b67' : 'smpte2084';
  const tagged = `setparams=range=tv:color_primaries=bt2020:color_trc=${transfer}:colorspace=bt2020nc`;
  const light = 'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0';
  return `${tagged},${size},${light},zscale=t=bt709:m=bt709:r=tv`;
};

/** One frame a field where the channel shows that many: sport stays smooth. */
const deinterlace = (video: VideoInfo, picture: Picture): readonly string[] => {
  if (!video.interlaced) return [];
  const fields = video.rate !== null && perSecond(picture.rate) > 1.5 * perSecond(video.rate);
  return [`bwdif=mode=${fields ? 'send_field' : 'send_frame'}:parity=auto:deint=all`];
};

const perSecond = ({ num, den }: { readonly num: number; readonly den: number }): number => num / den;

/** Text is drawn by libass, which reads the file itself and goes by its clock, not by ours that begins at the seek. */
const textSubtitles = ({ subtitle, path, seekMs }: VideoWishes): readonly string[] => {
  if (subtitle?.kind !== 'text' || path === null) return [];
  const drawn = `subtitles=filename=${filterValue(path)}:si=${subtitle.ordinal}`;
  return seekMs === 0 ? [drawn] : [`setpts=PTS+${seconds(seekMs)}/TB`, drawn, `setpts=PTS-${seconds(seekMs)}/TB`];
};

/** Bitmaps fill the canvas they were made for, which is the screen; on pixels that are not square it is stretched as the picture is. */
const bitmapSubtitles = ({ subtitle, media, picture }: VideoWishes): { readonly graph: string; readonly join: string } | null => {
  if (subtitle?.kind !== 'bitmap' || media.video === null) return null;
  const { width, height, sampleAspect } = media.video;
  const shape = sampleAspect === null ? 'a' : `(${width * sampleAspect.num}/${height * sampleAspect.den})`;
  const size = `w=trunc(min(${picture.width}\\,${picture.height}*${shape})/2)*2:h=trunc(min(${picture.height}\\,${picture.width}/${shape})/2)*2`;
  return {
    graph: `[0:s:${subtitle.ordinal}]scale=${size}[subtitle]`,
    join: '[subtitle]overlay=x=(W-w)/2:y=(H-h)/2:eof_action=pass',
  };
};

/**
 * The first frame is shown from 0 on, however late it comes: up to 20 s. Not by `start_time=0`: where size or shape change in mid-file, ffmpeg
 * builds the graph anew, and that would make every frame from 0 on again.
 */
export const fromTheStart = ({ rate }: Picture): string =>
  `setpts=if(eq(N\\,0)*lt(T\\,20)\\,0\\,PTS),fps=fps=${rate.num}/${rate.den}`;

/** Seconds that the last picture stays. Files end up to some seconds before they say; one that lacks more is broken, which must show. */
const longestStill = 5;

/** A graph that ends in `[picture]`, in system memory, in `yuv420p`, some seconds after the file does. */
export function videoGraph(wishes: VideoWishes): string {
  const { media, picture } = wishes;
  const { video } = media;
  if (video === null) return `${blank(picture)}[picture]`;
  // Fewer frames first, more of them last: less work either way. The first frame is shown from 0 on.
  const rate = fromTheStart(picture);
  const fewer = video.rate === null || perSecond(video.rate) > perSecond(picture.rate);
  const first = [...deinterlace(video, picture), ...(fewer ? [rate] : [])];
  const sized = [video.hdr ? toneMap(video, picture, wishes.zscale) : scale(video, picture), bars(picture), tags];
  const last = [...textSubtitles(wishes), ...(fewer ? [] : [rate]), `tpad=stop_duration=${longestStill}:stop_mode=clone`];
  const bitmaps = bitmapSubtitles(wishes);
  const chain = (filters: readonly string[]): string => filters.join(',');
  if (bitmaps === null) return `[0:V:0]${chain([...first, ...sized, ...last])}[picture]`;
  return `${bitmaps.graph};[0:V:0]${chain([...first, ...sized])}[plain];[plain]${bitmaps.join},${chain([tags, ...last])}[picture]`;
}

/** What stands where there is nothing to see. */
export const blank = ({ width, height, rate }: Picture): string =>
  `color=c=0x12161f:s=${width}x${height}:r=${rate.num}/${rate.den},setsar=1,${tags}`;

/** From `[picture]` and the logo at `input` to `[v]`. A logo's one frame stays. */
export function watermarkGraph({ corner, opacity, widthPercent }: Watermark, picture: Picture, input: number): string {
  const width = Math.max(2, Math.round((picture.width * widthPercent) / 100));
  const [dx, dy] = [Math.round(picture.width * 0.03), Math.round(picture.height * 0.04)];
  const x = corner.endsWith('left') ? `${dx}` : `W-w-${dx}`;
  const y = corner.startsWith('top') ? `${dy}` : `H-h-${dy}`;
  const logo = `[${input}:v]format=rgba,colorchannelmixer=aa=${opacity.toFixed(2)},scale=w=${width}:h=-1[logo]`;
  return `${logo};[picture][logo]overlay=x=${x}:y=${y}:eof_action=repeat,${tags}`;
}

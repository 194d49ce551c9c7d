// Pure: whether all files of a channel are so alike that they can be copied into one stream, and the picture they then share.
import type { AudioInfo, MediaInfo, VideoInfo } from '../on-air/media-info.ts';
import type { Picture } from '../on-air/picture.ts';

/** `audio`: the stream that would play; null is the first. */
export type CopyCandidate = { readonly media: MediaInfo; readonly audio: number | null };

/** `reason` is half a sentence about the first file that does not fit. */
export type CopyAgreement =
  | { readonly picture: Picture; readonly reason: null }
  | { readonly picture: null; readonly reason: string };

const profiles: Readonly<Record<string, Picture['h264Profile']>> = {
  'Constrained Baseline': 'baseline',
  Baseline: 'baseline',
  Main: 'main',
  High: 'high',
};

export function agreeOnCopy(candidates: readonly CopyCandidate[]): CopyAgreement {
  const pictures: Picture[] = [];
  for (const candidate of candidates) {
    const picture = judge(candidate);
    if (typeof picture === 'string') return { picture: null, reason: picture };
    const other = difference(pictures[0] ?? picture, picture);
    if (other !== null) return { picture: null, reason: `files differ in ${other}` };
    pictures.push(picture);
  }
  const [first] = pictures;
  if (first === undefined) return { picture: null, reason: 'there is no file' };
  return { picture: { ...first, h264Level: pictures.map(({ h264Level }) => h264Level).reduce(higher) }, reason: null };
}

const higher = (a: string, b: string): string => (Number(a) >= Number(b) ? a : b);

function judge({ media, audio: wish }: CopyCandidate): Picture | string {
  const { video } = media;
  if (video === null) return 'a file has no picture';
  const audio = media.audio.find(({ ordinal }) => ordinal === wish) ?? media.audio[0];
  if (audio === undefined) return 'a file has no sound';
  const sound = judgeAudio(audio);
  if (typeof sound === 'string') return sound;
  const seen = judgeVideo(video);
  if (typeof seen === 'string') return seen;
  return { ...seen, audio: sound };
}

function judgeVideo(video: VideoInfo): Omit<Picture, 'audio'> | string {
  const { width, height, rate, level } = video;
  const profile = profiles[video.profile ?? ''];
  if (video.codec !== 'h264') return `a file is ${video.codec}, not h264`;
  if (video.pixelFormat !== 'yuv420p') return `a file's pixels are ${video.pixelFormat ?? 'unknown'}, not 8 bit 4:2:0`;
  if (profile === undefined) return `a file has the profile ${video.profile ?? 'unknown'}`;
  if (level === null || rate === null) return 'a file does not tell its level or frame rate';
  if (video.interlaced) return 'a file is interlaced';
  if (video.hdr) return 'a file is HDR';
  if (video.sampleAspect !== null) return 'a file has pixels that are not square';
  const perSecond = rate.num / rate.den;
  return {
    ...{ width, height, rate, h264Profile: profile, h264Level: (level / 10).toFixed(1) },
    // Not told by files: the usual 2 s; and 0.1 bit a pixel for the slates between them.
    gop: Math.max(1, Math.round(perSecond * 2)),
    videoBps: Math.max(1_000_000, Math.round((width * height * perSecond * 0.1) / 100_000) * 100_000),
  };
}

function judgeAudio({ codec, profile, sampleRate, channels }: AudioInfo): Picture['audio'] | string {
  if (codec !== 'aac' || profile !== 'LC')
    return `a file's sound is ${codec}${profile === null ? '' : ` ${profile}`}, not AAC LC`;
  if (sampleRate !== 44_100 && sampleRate !== 48_000) return `a file's sound has ${sampleRate ?? 'unknown'} Hz`;
  if (channels === null) return 'a file does not tell how many channels of sound it has';
  return { sampleRate, channels, bps: 64_000 * channels };
}

function difference(a: Picture, b: Picture): string | null {
  if (a.width !== b.width || a.height !== b.height) return 'size';
  if (a.rate.num * b.rate.den !== b.rate.num * a.rate.den) return 'frame rate';
  if (a.h264Profile !== b.h264Profile) return 'profile';
  if (a.audio.sampleRate !== b.audio.sampleRate) return 'sample rate';
  return a.audio.channels === b.audio.channels ? null : 'channels of sound';
}

// How each channel looks: its picture, which stays as it is since Jellyfin's probe cache never looks again, and the logo over it.
import { isAbsolute, join } from 'node:path';
import type { Channel, ChannelPicture } from '../../channels/channel.ts';
import { agreeOnCopy } from '../../ffmpeg/agree-on-copy.ts';
import type { ChannelLook } from '../../on-air/live-messages.ts';
import type { MediaInfo } from '../../on-air/media-info.ts';
import type { Picture } from '../../on-air/picture.ts';

/** Just under the widths by which Jellyfin guesses 8 and 20 Mbit/s (facts/jellyfin.md §10), with sound within the 2 and 8 that it guesses instead. */
const SIZES = {
  small: { width: 1184, height: 666, videoBps: 1_800_000, h264Level: '3.2' },
  large: { width: 1888, height: 1062, videoBps: 7_600_000, h264Level: '4.0' },
} as const;
const AUDIO = { sampleRate: 48_000, channels: 2, bps: 160_000 } as const;
/** Above these a level has too few macroblocks a second. */
const FAST = { small: '4.0', large: '4.2' } as const;

/** What a channel is encoded to. */
export function normalPicture({ size, fps }: Pick<ChannelPicture, 'size' | 'fps'>): Picture {
  const { h264Level, ...rest } = SIZES[size];
  return {
    ...rest,
    rate: { num: fps, den: 1 },
    gop: fps,
    h264Profile: 'high',
    h264Level: fps > 30 ? FAST[size] : h264Level,
    audio: AUDIO,
  };
}

/** @param agreed the picture that all files of a copying channel share; null where they were not looked at, or do not. */
export function lookOf(channel: Channel, agreed: Picture | null, logosPath: string | null): ChannelLook {
  const { watermark } = channel.look;
  const path = logoFile(channel.logo, logosPath);
  return {
    channel: String(channel.id),
    name: channel.name,
    picture: (channel.look.transport === 'auto' ? agreed : null) ?? normalPicture(channel.look),
    watermark: watermark === null || path === null ? null : { ...watermark, path },
  };
}

/** A logo elsewhere in the network is shown in guides; drawn into the picture is only one of this machine. */
function logoFile(logo: string | null, folder: string | null): string | null {
  if (logo === null || /^[a-z][a-z0-9+.-]*:/i.test(logo)) return null;
  return isAbsolute(logo) ? logo : folder === null ? null : join(folder, logo);
}

/** The picture that these files share, so that they can be copied one after another; null where they do not, or one was not looked at. */
export function sharedPicture(files: readonly (MediaInfo | null)[]): Picture | null {
  const known = files.filter((media) => media !== null);
  if (known.length === 0 || known.length < files.length) return null;
  return agreeOnCopy(known.map((media) => ({ media, audio: null }))).picture;
}

/** Files of the one picture can be joined to those of the other: what differs is only what was guessed. */
export const sameFrames = (a: Picture, b: Picture): boolean =>
  a.width === b.width &&
  a.height === b.height &&
  a.rate.num * b.rate.den === b.rate.num * a.rate.den &&
  a.h264Profile === b.h264Profile &&
  a.audio.sampleRate === b.audio.sampleRate &&
  a.audio.channels === b.audio.channels;

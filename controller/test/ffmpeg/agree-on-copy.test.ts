// Which channels may be copied.
import t from 'tap';
import { agreeOnCopy } from '../../src/ffmpeg/agree-on-copy.ts';
import type { AudioInfo, MediaInfo, VideoInfo } from '../../src/on-air/media-info.ts';
import { knownMedia } from './fixtures/orders.ts';

const [sound] = knownMedia.audio;
const file = (
  video: Partial<VideoInfo> = {},
  audio: Partial<AudioInfo> = {},
): { readonly media: MediaInfo; readonly audio: null } => ({
  media: {
    ...knownMedia,
    video: knownMedia.video === null ? null : { ...knownMedia.video, ...video },
    audio: sound === undefined ? [] : [{ ...sound, ...audio }],
  },
  audio: null,
});

t.test('files that agree: their picture, at the highest of their levels', async (t) => {
  t.same(agreeOnCopy([file(), file({ level: 41 }), file({ rate: { num: 50, den: 2 } })]), {
    reason: null,
    picture: {
      ...{
        width: 1920,
        height: 1080,
        rate: { num: 25, den: 1 },
        gop: 50,
        h264Profile: 'high',
        h264Level: '4.1',
        videoBps: 5_200_000,
      },
      audio: { sampleRate: 48_000, channels: 2, bps: 128_000 },
    },
  });
});

t.test('one that cannot be copied, or differs, and why', async (t) => {
  const cases: readonly (readonly [ReturnType<typeof file>, RegExp])[] = [
    [file({ codec: 'hevc' }), /hevc, not h264/u],
    [file({ pixelFormat: 'yuv420p10le' }), /yuv420p10le/u],
    [file({ profile: 'High 10' }), /High 10/u],
    [file({ interlaced: true }), /interlaced/u],
    [file({ hdr: true }), /HDR/u],
    [file({ sampleAspect: { num: 4, den: 3 } }), /not square/u],
    [file({ rate: null }), /frame rate/u],
    [file({ width: 1918 }), /differ in size/u],
    [file({ rate: { num: 24, den: 1 } }), /differ in frame rate/u],
    [file({ profile: 'Main' }), /differ in profile/u],
    [file({}, { codec: 'ac3', profile: null }), /ac3, not AAC LC/u],
    [file({}, { profile: 'HE-AAC' }), /aac HE-AAC/u],
    [file({}, { sampleRate: 44_100 }), /differ in sample rate/u],
    [file({}, { channels: 6 }), /differ in channels/u],
    [{ media: { ...knownMedia, audio: [] }, audio: null }, /no sound/u],
    [{ media: { ...knownMedia, video: null }, audio: null }, /no picture/u],
  ];
  for (const [odd, why] of cases) t.match(agreeOnCopy([file(), odd]), { picture: null, reason: why });
  t.match(agreeOnCopy([]), { picture: null, reason: 'there is no file' });
});

// What a limit does at PlaybackInfo, against the figures that the real server gave.
import t from 'tap';
import {
  decidePlayback,
  type MediaSource,
  type PlaybackQuestion,
  remoteLimit,
  reportedBitrate,
} from '../../../demo/jellyfin/playback-decision.ts';

const source: MediaSource = {
  container: 'mp4',
  videoCodec: 'h264',
  audioCodec: 'aac',
  videoBps: 8_089_812,
  audioBps: 128_107,
  bitrateBps: 8_220_000,
  width: 1920,
  height: 1080,
  isRemote: false,
};
const question: PlaybackQuestion = {
  source,
  directPlay: [{ Container: 'mp4,mkv', VideoCodec: 'h264', AudioCodec: 'aac' }],
  clientMaxBps: 120_000_000,
  userLimitBps: 0,
  serverLimitBps: 0,
  local: false,
  mayTranscode: true,
};

/** recordings/jellyfin/web: limit, VideoBitrate, AudioBitrate, TranscodingInfo.Bitrate, height. */
const seen = [
  [5_000_000, 4_871_893, 128_107, 5_127_893, 1080],
  [4_000_000, 3_871_893, 128_107, 4_127_893, 720],
  [2_000_000, 1_871_893, 128_107, 2_127_893, 720],
  [1_000_000, 871_893, 128_107, 1_127_893, 720],
  [300_000, 172_000, 128_000, 300_000, 432],
  [100_000, 64_000, 128_000, 192_000, 234],
] as const;

t.test('a remote viewer above the limit is transcoded to the rates that were recorded', async (t) => {
  for (const [userLimitBps, video, audio, reported, height] of seen) {
    const { directPlay, transcode } = decidePlayback({ ...question, userLimitBps });
    t.equal(directPlay, false);
    t.match(
      transcode,
      { videoBps: video, audioBps: audio, height, reasons: ['ContainerBitrateExceedsLimit'] },
      `${userLimitBps}`,
    );
    t.equal(transcode && reportedBitrate(transcode), reported, `${userLimitBps} is reported as ${reported}`);
  }
});

t.test('who keeps direct play', async (t) => {
  t.equal(decidePlayback(question).directPlay, true, 'no limit');
  t.equal(decidePlayback({ ...question, userLimitBps: 1_000_000, local: true }).directPlay, true, 'at home');
  t.equal(decidePlayback({ ...question, userLimitBps: 8_220_000 }).directPlay, true, 'a limit just met');
  t.equal(
    decidePlayback({ ...question, userLimitBps: 1_000_000, source: { ...source, isRemote: true } }).directPlay,
    true,
    'a remote source is exempt',
  );
  t.equal(decidePlayback({ ...question, clientMaxBps: 1_000_000 }).directPlay, false, 'a client that asks for less');
});

t.test('the user’s own limit wins over the server-wide one if it is above 0', async (t) => {
  t.equal(remoteLimit({ userLimitBps: 0, serverLimitBps: 0, local: false }), null);
  t.equal(remoteLimit({ userLimitBps: -1, serverLimitBps: 4, local: false }), 4);
  t.equal(remoteLimit({ userLimitBps: 0, serverLimitBps: 4, local: false }), 4);
  t.equal(remoteLimit({ userLimitBps: 9, serverLimitBps: 4, local: false }), 9);
  t.equal(remoteLimit({ userLimitBps: 9, serverLimitBps: 4, local: true }), null);
});

t.test('other reasons remux or transcode only what does not fit', async (t) => {
  const remux = decidePlayback({ ...question, source: { ...source, container: 'avi' } }).transcode;
  t.match(remux, { videoDirect: true, audioDirect: true, videoBps: source.videoBps, reasons: ['ContainerNotSupported'] });
  const hevc = decidePlayback({ ...question, source: { ...source, videoCodec: 'hevc' } }).transcode;
  t.match(hevc, { videoDirect: false, audioDirect: true, reasons: ['VideoCodecNotSupported'] });
  t.same(
    decidePlayback({ ...question, userLimitBps: 1_000_000, mayTranscode: false }),
    { directPlay: false, transcode: null },
    'playback fails rather than exceeding the limit',
  );
});

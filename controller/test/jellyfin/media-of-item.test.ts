// What a file holds, out of what a real server told of its files (recordings), and out of odd ones.
import t from 'tap';
import type { LibrarySource, LibraryStream } from '../../src/jellyfin/library-schemas.ts';
import { mediaOfSource } from '../../src/jellyfin/media-of-item.ts';

const stream = (fields: Partial<LibraryStream>): LibraryStream => ({ ...fields }) as LibraryStream;
const of = (...streams: LibraryStream[]): LibrarySource => ({
  RunTimeTicks: 200_230_000,
  Container: 'mkv',
  MediaStreams: streams,
});

t.test('the streams of a file as Jellyfin 12.0.0 tells them', async (t) => {
  // items.json, "films and episodes"
  const media = mediaOfSource(
    of(
      stream({
        Codec: 'h264',
        Profile: 'High',
        Level: 31,
        Width: 1280,
        Height: 720,
        AverageFrameRate: 25,
        RealFrameRate: 25,
        PixelFormat: 'yuv420p',
        IsInterlaced: false,
        IsAnamorphic: false,
        AspectRatio: '16:9',
        VideoRange: 'SDR',
        Type: 'Video',
        Index: 0,
        IsExternal: false,
      }),
      stream({
        Codec: 'aac',
        Profile: 'LC',
        SampleRate: 44_100,
        Channels: 1,
        Type: 'Audio',
        Index: 1,
        IsDefault: false,
        IsExternal: false,
      }),
    ),
  );
  t.same(media, {
    durationMs: 20_023,
    container: 'mkv',
    video: {
      codec: 'h264',
      profile: 'High',
      level: 31,
      width: 1280,
      height: 720,
      sampleAspect: null,
      rate: { num: 25, den: 1 },
      pixelFormat: 'yuv420p',
      interlaced: false,
      hdr: false,
    },
    audio: [{ ordinal: 0, codec: 'aac', profile: 'LC', sampleRate: 44_100, channels: 1, language: null, isDefault: false }],
    subtitles: [],
  });
});

t.test("subtitles beside the file take the first indices there, and none of ffmpeg's", async (t) => {
  const media = mediaOfSource(
    of(
      stream({ Type: 'Subtitle', Index: 0, Codec: 'subrip', IsExternal: true, IsTextSubtitleStream: true }),
      stream({ Type: 'Subtitle', Index: 5, Codec: 'PGSSUB', Language: 'GER', IsForced: true, IsTextSubtitleStream: false }),
      stream({
        Type: 'Video',
        Index: 1,
        Codec: 'hevc',
        Width: 3840,
        Height: 2160,
        VideoRange: 'HDR',
        ColorTransfer: 'smpte2084',
      }),
      stream({ Type: 'EmbeddedImage', Index: 6, Codec: 'mjpeg', Width: 600, Height: 900 }),
      stream({ Type: 'Audio', Index: 3, Codec: 'AC3', Language: 'eng', IsDefault: true }),
      stream({ Type: 'Audio', Index: 2, Codec: 'dts', Language: 'ger' }),
      stream({ Type: 'Subtitle', Index: 4, Codec: 'ass', Language: 'eng', IsDefault: true, IsTextSubtitleStream: true }),
    ),
  );
  t.match(media?.audio, [
    { ordinal: 0, codec: 'dts', language: 'ger' },
    { ordinal: 1, codec: 'ac3', language: 'eng', isDefault: true },
  ]);
  t.same(media?.subtitles, [
    { ordinal: 0, codec: 'ass', kind: 'text', language: 'eng', forced: false, isDefault: true },
    { ordinal: 1, codec: 'hdmv_pgs_subtitle', kind: 'bitmap', language: 'ger', forced: true, isDefault: false },
  ]);
  t.match(media?.video, { codec: 'hevc', hdr: true, transfer: 'pq' });
});

t.test('rates and shapes are made exact', async (t) => {
  const video = (fields: Partial<LibraryStream>) =>
    mediaOfSource(of(stream({ Type: 'Video', Codec: 'mpeg2video', Width: 720, Height: 576, ...fields })))?.video;
  t.same(video({ RealFrameRate: 23.976025 })?.rate, { num: 24_000, den: 1001 });
  t.same(video({ AverageFrameRate: 29.97 })?.rate, { num: 30_000, den: 1001 });
  t.same(video({ RealFrameRate: 59.94006 })?.rate, { num: 60_000, den: 1001 });
  t.same(video({ RealFrameRate: 12.5 })?.rate, { num: 12_500, den: 1000 });
  t.equal(video({})?.rate, null);
  t.same(video({ IsAnamorphic: true, AspectRatio: '16:9' })?.sampleAspect, { num: 64, den: 45 });
  t.equal(video({ IsAnamorphic: false, AspectRatio: '5:4' })?.sampleAspect, null);
  t.equal(video({ IsAnamorphic: true, AspectRatio: 'wide' })?.sampleAspect, null);
});

t.test('a file that was never looked at tells nothing; sound alone has no picture', async (t) => {
  t.equal(mediaOfSource({ Container: 'mkv' } as LibrarySource), null);
  t.equal(mediaOfSource(of(stream({ Type: 'Audio', Index: 0, Codec: 'flac' })))?.video, null);
});

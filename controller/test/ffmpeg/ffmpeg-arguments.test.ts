// Argument lists as a whole. What they do is tested with the real ffmpeg beside the filters and in start-programme.test.ts.
import t from 'tap';
import { ffmpegArguments } from '../../src/ffmpeg/ffmpeg-arguments.ts';
import type { Machine } from '../../src/ffmpeg/ffmpeg-settings.ts';
import { cardOrder, fileOrder, knownMedia } from './fixtures/orders.ts';

const machine: Machine = { acceleration: 'software', device: null, font: null, zscale: true };

t.test('row 137: a film in mid-item: sought before it is opened, both streams from filters, MPEG-TS on a pipe', async (t) => {
  const order = { ...fileOrder({ from: '/films/a b.mkv', seekMs: 61_234.5 }), hurry: true, durationMs: 3_600_000 };
  t.same(ffmpegArguments(order, knownMedia, machine), [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'warning'],
    ...['-probesize', '1000000', '-analyzeduration', '500000', '-fpsprobesize', '0', '-fflags', '+genpts+discardcorrupt'],
    ...['-ss', '61.2345', '-i', 'file:/films/a b.mkv'],
    '-filter_complex',
    '[0:V:0]scale=w=trunc(min(160\\,90*dar)/2)*2:h=trunc(min(90\\,160/dar)/2)*2:flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv,' +
      'setsar=1,pad=w=160:h=90:x=-1:y=-1:color=black,format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,' +
      'setpts=if(eq(N\\,0)*lt(T\\,20)\\,0\\,PTS),fps=fps=25/1,tpad=stop_duration=5:stop_mode=clone[picture];[picture]null[v]',
    '-filter_complex',
    '[0:a:0]asetpts=if(eq(N\\,0)*lt(T\\,1)\\,0\\,PTS),aresample=48000:async=1:min_hard_comp=0.02:rematrix_maxval=1.0,' +
      'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo,apad[a]',
    ...['-map', '[v]', '-map', '[a]', '-t', '3600'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-tune',
      'zerolatency',
      '-crf',
      '21',
      '-keyint_min',
      '25',
      '-sc_threshold',
      '0',
    ],
    ...['-x264-params', 'force-cfr=1:open-gop=0', '-profile:v', 'high', '-level:v', '4.0'],
    ...['-g', '25', '-bf', '0', '-force_key_frames', 'expr:not(mod(n,25))', '-maxrate', '1000000', '-bufsize', '2000000'],
    ...['-c:a', 'aac', '-b:a', '128000', '-ar', '48000', '-ac', '2', '-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
    ...['-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1', '-pes_payload_size', '0'],
    ...['-mpegts_flags', '+resend_headers', '-mpegts_start_pid', '256', 'pipe:1'],
  ]);
});

t.test("row 137: a copy at an item's start; in mid-item it is encoded", async (t) => {
  const order = { ...fileOrder({ from: '/a.mp4', audio: 0 }), transport: 'copy' } as const;
  const text = ffmpegArguments(order, knownMedia, machine).join(' ');
  t.match(text, '-i file:/a.mp4 -map 0:V:0 -map 0:a:0 -t 2 -c copy -bsf:v h264_mp4toannexb,dump_extra=freq=keyframe ');
  t.match(
    ffmpegArguments({ ...order, input: { ...fileOrder({ from: '/a.mp4', seekMs: 1 }).input } }, knownMedia, machine).join(' '),
    /libx264/u,
  );
});

t.test('over HTTP: bounded patience, asked again a little, no proxy; small probing only where the head tells all', async (t) => {
  const order = { ...fileOrder({ from: 'http://127.0.0.1:1/film' }), hurry: true };
  const text = ffmpegArguments(order, { ...knownMedia, container: 'mpegts' }, machine).join(' ');
  t.match(
    text,
    '-rw_timeout 10000000 -recv_buffer_size 65536 -http_proxy none -reconnect 1 -reconnect_streamed 1 -reconnect_on_network_error 1 -reconnect_delay_max 2 -i http://127.0.0.1:1/film',
  );
  t.notMatch(text, /-probesize|-re /u);
});

t.test(
  'subtitles only where the file has them; text of a URL is not drawn, since all of the file would be read for it',
  async (t) => {
    const subtitles = [{ ordinal: 0, codec: 'subrip', kind: 'text', language: null, forced: false, isDefault: false }] as const;
    const text = (from: string, has: boolean): string =>
      ffmpegArguments(
        fileOrder({ from, subtitle: { ordinal: 0, kind: 'text' } }),
        { ...knownMedia, subtitles: has ? subtitles : [] },
        machine,
      ).join(' ');
    t.match(text('/a.mkv', true), /subtitles=filename=\/a\.mkv:si=0/u);
    t.notMatch(text('/a.mkv', false), /subtitles=/u);
    t.notMatch(text('http://h/a.mkv', true), /subtitles=/u);
  },
);

t.test('interlaced: a frame a field only where the channel shows that many', async (t) => {
  const media = { ...knownMedia, video: knownMedia.video === null ? null : { ...knownMedia.video, interlaced: true } };
  const order = fileOrder({ from: '/a.ts' });
  t.match(ffmpegArguments(order, media, machine).join(' '), /\[0:V:0\]bwdif=mode=send_frame/u);
  const smooth = { ...order, picture: { ...order.picture, rate: { num: 50, den: 1 } } };
  t.match(ffmpegArguments(smooth, media, machine).join(' '), /\[0:V:0\]bwdif=mode=send_field/u);
});

t.test('row 136: whatever the order, an argument list has no header and no key', async (t) => {
  for (const order of [fileOrder({ from: '/a.mkv' }), cardOrder(['A'], '/b.png')]) {
    t.notMatch(ffmpegArguments(order, knownMedia, machine).join(' '), /-headers|-cookies|api_key|Authorization/iu);
  }
});

// Each encoder's arguments (ffmpeg-codecs, HWAccel introduction); hardware is not here to try them, so the lists are held fast.
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { encoderArguments } from '../../src/ffmpeg/encoder-arguments.ts';
import { ffmpegArguments } from '../../src/ffmpeg/ffmpeg-arguments.ts';
import { cardOrder, fileOrder, knownMedia, picture } from './fixtures/orders.ts';

const encoder = (acceleration: 'vaapi' | 'qsv' | 'nvenc' | 'v4l2', hurry = false, device: string | null = null) => {
  const { open, decode, upload, encode } = encoderArguments(picture, hurry, { acceleration, device });
  return { open: open.join(' '), decode: decode.join(' '), upload, encode: encode.join(' ') };
};
const end = '-b:v 800000 -g 25 -bf 0 -force_key_frames expr:not(mod(n,25)) -maxrate 1000000 -bufsize 2000000';

t.test('vaapi', async (t) => {
  t.same(encoder('vaapi', false, '/dev/dri/renderD129'), {
    open: '-init_hw_device vaapi=gpu:/dev/dri/renderD129 -filter_hw_device gpu',
    decode: '-hwaccel vaapi -hwaccel_device gpu',
    upload: 'format=nv12,hwupload',
    encode: `-c:v h264_vaapi -profile:v high -level:v 40 -rc_mode VBR ${end}`,
  });
});

t.test('qsv', async (t) => {
  t.same(encoder('qsv', true), {
    open: '-init_hw_device qsv=gpu:hw,child_device=/dev/dri/renderD128 -filter_hw_device gpu',
    decode: '',
    upload: 'format=nv12,hwupload=extra_hw_frames=64',
    encode: `-c:v h264_qsv -preset veryfast -async_depth 1 -forced_idr 1 -profile:v high -level:v 40 ${end}`,
  });
});

t.test('nvenc', async (t) => {
  const rest = '-rc vbr -rc-lookahead 0 -no-scenecut 1 -forced-idr 1 -strict_gop 1 -profile:v high -level:v 4.0';
  const same = { open: '', decode: '-hwaccel cuda', upload: null };
  t.same(encoder('nvenc'), { ...same, encode: `-c:v h264_nvenc -preset p4 -tune hq ${rest} ${end}` });
  t.same(encoder('nvenc', true), { ...same, encode: `-c:v h264_nvenc -preset p4 -tune ull -delay 0 ${rest} ${end}` });
});

t.test('v4l2', async (t) => {
  t.same(encoder('v4l2'), {
    open: '',
    decode: '',
    upload: null,
    encode: `-c:v h264_v4l2m2m -num_capture_buffers 32 ${end} -bsf:v dump_extra=freq=keyframe`,
  });
});

t.test('frames go up last, and every private option is one that this ffmpeg knows', async (t) => {
  for (const [acceleration, codec] of [
    ['vaapi', 'h264_vaapi'],
    ['qsv', 'h264_qsv'],
    ['nvenc', 'h264_nvenc'],
    ['v4l2', 'h264_v4l2m2m'],
  ] as const) {
    const machine = { acceleration, device: null, font: null, zscale: true };
    const { upload, encode } = encoderArguments(picture, true, machine);
    for (const order of [fileOrder({ from: '/a.mkv' }), cardOrder(['A'])]) {
      const graph = ffmpegArguments(order, knownMedia, machine).find((argument) => argument.endsWith('[v]'));
      t.ok(upload === null || graph?.endsWith(`,${upload}[v]`));
    }
    const known = execFileSync('ffmpeg', ['-hide_banner', '-h', `encoder=${codec}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
    const generic = /^-(c:v|b:v|g|bf|force_key_frames|maxrate|bufsize|profile:v|level:v|bsf:v)$/u;
    const own = encode.filter((argument) => /^-[a-z]/u.test(argument) && !generic.test(argument));
    for (const option of own) t.match(known, new RegExp(`^ +${option} `, 'mu'), `${codec} ${option}`);
  }
});

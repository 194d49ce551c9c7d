// Pure: how each encoder makes the same stream: fixed closed GOPs, no B-frames, a ceiling for the rate; and the MPEG-TS around it.
import type { Picture } from '../on-air/picture.ts';
import type { Acceleration, Machine } from './ffmpeg-settings.ts';

export type Encoder = {
  /** Before all inputs. */
  readonly open: readonly string[];
  /** Before a film's `-i`. A codec that the hardware cannot read is read in software by ffmpeg itself. */
  readonly decode: readonly string[];
  /** At the end of the picture's filters. */
  readonly upload: string | null;
  readonly encode: readonly string[];
};

/** Filters are software's everywhere: frames come down by themselves (no `-hwaccel_output_format`) and go up for the encoder alone. */
export const encoderArguments = (
  picture: Picture,
  hurry: boolean,
  { acceleration, device }: Pick<Machine, 'acceleration' | 'device'>,
): Encoder => encoders[acceleration](picture, hurry, device ?? '/dev/dri/renderD128');

type MakeEncoder = (picture: Picture, hurry: boolean, device: string) => Encoder;

const software: MakeEncoder = (picture, hurry) => ({
  open: [],
  decode: [],
  upload: null,
  encode: [...x264(hurry, picture.gop), ...profile(picture), ...keyFrames(picture), ...ceiling(picture)],
});

const vaapi: MakeEncoder = (picture, _hurry, device) => ({
  open: ['-init_hw_device', `vaapi=gpu:${device}`, '-filter_hw_device', 'gpu'],
  decode: ['-hwaccel', 'vaapi', '-hwaccel_device', 'gpu'],
  upload: 'format=nv12,hwupload',
  encode: [
    ...[
      '-c:v',
      'h264_vaapi',
      '-profile:v',
      vaapiProfiles[picture.h264Profile],
      '-level:v',
      levelNumber(picture),
      '-rc_mode',
      'VBR',
    ],
    ...[...mean(picture), ...keyFrames(picture), ...ceiling(picture)],
  ],
});

const qsv: MakeEncoder = (picture, hurry, device) => ({
  open: ['-init_hw_device', `qsv=gpu:hw,child_device=${device}`, '-filter_hw_device', 'gpu'],
  decode: [],
  upload: 'format=nv12,hwupload=extra_hw_frames=64',
  encode: [
    ...['-c:v', 'h264_qsv', '-preset', 'veryfast', '-async_depth', hurry ? '1' : '4', '-forced_idr', '1'],
    ...[
      '-profile:v',
      picture.h264Profile,
      '-level:v',
      levelNumber(picture),
      ...mean(picture),
      ...keyFrames(picture),
      ...ceiling(picture),
    ],
  ],
});

const nvenc: MakeEncoder = (picture, hurry) => ({
  open: [],
  decode: ['-hwaccel', 'cuda'],
  upload: null,
  encode: [
    ...[
      '-c:v',
      'h264_nvenc',
      '-preset',
      'p4',
      ...(hurry ? ['-tune', 'ull', '-delay', '0'] : ['-tune', 'hq']),
      '-rc',
      'vbr',
      '-rc-lookahead',
      '0',
    ],
    ...['-no-scenecut', '1', '-forced-idr', '1', '-strict_gop', '1', ...profile(picture)],
    ...[...mean(picture), ...keyFrames(picture), ...ceiling(picture)],
  ],
});

/** It says its parameter sets once; a joiner needs them at each key frame. */
const v4l2: MakeEncoder = (picture) => ({
  open: [],
  decode: [],
  upload: null,
  encode: [
    '-c:v',
    'h264_v4l2m2m',
    '-num_capture_buffers',
    '32',
    ...mean(picture),
    ...keyFrames(picture),
    ...ceiling(picture),
    '-bsf:v',
    'dump_extra=freq=keyframe',
  ],
});

const encoders: Readonly<Record<Acceleration, MakeEncoder>> = { software, vaapi, qsv, nvenc, v4l2 };

const keyFrames = ({ gop }: Picture): readonly string[] => [
  '-g',
  `${gop}`,
  '-bf',
  '0',
  '-force_key_frames',
  `expr:not(mod(n,${gop}))`,
];
const ceiling = ({ videoBps }: Picture): readonly string[] => ['-maxrate', `${videoBps}`, '-bufsize', `${videoBps * 2}`];
/** The hardware's encoders have no rate by quality in common: the mean is four fifths of the ceiling. */
const mean = ({ videoBps }: Picture): readonly string[] => ['-b:v', `${Math.round(videoBps * 0.8)}`];
const profile = ({ h264Profile, h264Level }: Picture): readonly string[] => ['-profile:v', h264Profile, '-level:v', h264Level];

/** `force-cfr`: else `-tune zerolatency` alone writes other timing into the parameter sets, and a hurried start would differ from the rest. */
const x264 = (hurry: boolean, gop: number): readonly string[] => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', ...(hurry ? ['-tune', 'zerolatency'] : []), '-crf', '21'],
  ...['-keyint_min', `${gop}`, '-sc_threshold', '0', '-x264-params', 'force-cfr=1:open-gop=0'],
];

const vaapiProfiles = { baseline: 'constrained_baseline', main: 'main', high: 'high' } as const;

/** `4.0` as the 40 that these two take. */
const levelNumber = ({ h264Level }: Picture): string => `${Math.round(Number(h264Level) * 10)}`;

export const audioEncoder = ({ audio }: Picture): readonly string[] => [
  ...['-c:a', 'aac', '-b:a', `${audio.bps}`, '-ar', `${audio.sampleRate}`, '-ac', `${audio.channels}`],
];

/** Video is PID 256, audio 257. Each packet goes out at once; an audio PES of its own each frame. */
export const muxer: readonly string[] = [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
  ...['-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1', '-pes_payload_size', '0'],
  ...['-mpegts_flags', '+resend_headers', '-mpegts_start_pid', '256', 'pipe:1'],
];

// What this machine's ffmpeg can do, tried rather than believed: for `--test` and for start-up.
import { messageOf } from '../errors.ts';
import type { Picture } from '../on-air/picture.ts';
import { type CollectOptions, collectOutput } from './collect-output.ts';
import { ffmpegArguments } from './ffmpeg-arguments.ts';
import type { Acceleration, FfmpegSettings } from './ffmpeg-settings.ts';
import type { OrphanGuard } from './orphan-guard.ts';

export type FfmpegCheck = {
  /** `5.1.9-0+deb12u1`; null where it cannot be run. */
  readonly version: string | null;
  /** Without these no channel plays. Sentences that name a key. */
  readonly problems: readonly string[];
  /** Channels play, but not everything on them. Sentences. */
  readonly lacks: readonly string[];
};

export type CheckParts = { readonly settings: FfmpegSettings; readonly guard: OrphanGuard };

const optional: readonly (readonly [filter: string, lack: string])[] = [
  ['zscale', 'HDR films look pale: this ffmpeg has no zscale filter (libzimg)'],
  ['subtitles', 'text subtitles cannot be drawn: this ffmpeg has no subtitles filter (libass)'],
  ['ebur128', 'loudness cannot be measured: this ffmpeg has no ebur128 filter'],
];

/** Small, within every encoder's bounds. */
const picture: Picture = {
  ...{ width: 320, height: 192, rate: { num: 25, den: 1 }, gop: 25, h264Profile: 'main', h264Level: '3.0', videoBps: 500_000 },
  audio: { sampleRate: 48_000, channels: 2, bps: 64_000 },
};

/** A few short runs. @throws AbortError */
export async function checkFfmpeg({ settings, guard }: CheckParts, signal: AbortSignal): Promise<FfmpegCheck> {
  const run = async (argv: readonly string[], part: Pick<CollectOptions, 'key' | 'task'>): Promise<Tried> => {
    try {
      const { bytes } = await collectOutput(argv, signal, { ...part, guard, mostBytes: 2_000_000, timeoutMs: 20_000 });
      return { text: Buffer.from(bytes).toString('utf8'), problem: null };
    } catch (error) {
      signal.throwIfAborted();
      return { text: '', problem: messageOf(error) };
    }
  };
  const ask = { key: 'channels.ffmpeg', task: 'asking ffmpeg for its version' };
  const [version, probe] = [
    await run([settings.ffmpeg, '-version'], ask),
    await run([settings.ffprobe, '-version'], { key: 'channels.ffprobe', task: 'asking ffprobe for its version' }),
  ];
  const broken = [...problem(version, 'channels.ffmpeg'), ...problem(probe, 'channels.ffprobe')];
  if (version.problem !== null) return { version: null, problems: broken, lacks: [] };
  const encode = (lines: readonly string[], acceleration: Acceleration, task: string): Promise<Tried> => {
    const input = { kind: 'card', lines, image: null } as const;
    const order = { input, durationMs: 200, picture, watermark: null, transport: 'encode', hurry: false } as const;
    const argv = [settings.ffmpeg, ...ffmpegArguments(order, null, { ...settings, acceleration, zscale: false })];
    return run(argv, { key: 'channels.ffmpeg', task });
  };
  const { acceleration } = settings;
  const hardware = acceleration === 'software' ? null : await encode([], acceleration, `encoding with ${acceleration}`);
  const encoder = await encode([], 'software', 'encoding with software');
  const text = encoder.problem === null ? await encode(['A'], 'software', 'drawing text') : encoder;
  const filters = await listFilters({ settings, guard }, signal);
  return {
    version: /^ffmpeg version (\S+)/u.exec(version.text)?.[1] ?? 'unknown',
    problems: [...broken, ...problem(encoder, 'channels.ffmpeg')],
    lacks: [
      ...(hardware === null || hardware.problem === null
        ? []
        : [`channels.acceleration: ${hardware.problem}; channels are encoded in software`]),
      ...(text.problem !== null && encoder.problem === null
        ? [`cards have no text: no font, or no drawtext filter (channels.font): ${text.problem}`]
        : []),
      ...optional.filter(([filter]) => !filters.has(filter)).map(([, lack]) => lack),
    ],
  };
}

type Tried = { readonly text: string; readonly problem: string | null };

const problem = (tried: Tried, key: string): readonly string[] => (tried.problem === null ? [] : [`${key}: ${tried.problem}`]);

/** Names of this build's filters; none where it cannot be asked. @throws AbortError */
export async function listFilters({ settings, guard }: CheckParts, signal: AbortSignal): Promise<ReadonlySet<string>> {
  try {
    const options = {
      guard,
      key: 'channels.ffmpeg',
      task: 'asking ffmpeg for its filters',
      mostBytes: 2_000_000,
      timeoutMs: 20_000,
    };
    const { bytes } = await collectOutput([settings.ffmpeg, '-hide_banner', '-filters'], signal, options);
    // ` TSC overlay           VV->V      Overlay a video source on top of the input.` Newer ones have fewer letters before the name.
    return new Set(
      [
        ...Buffer.from(bytes)
          .toString('utf8')
          .matchAll(/^\s*\S+\s+(\w+)\s+\S*->\S*/gmu),
      ].map(([, name]) => name ?? ''),
    );
  } catch {
    signal.throwIfAborted();
    return new Set();
  }
}

// A channel's neighbours for tests: tiny films by the real ffmpeg, viewers on real sockets, the real ffmpeg adapter.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import { openConnector } from '../../src/http-client/tls-trust.ts';
import { createLive, type Live } from '../../src/live/live-service.ts';
import { openSourceProxy } from '../../src/live/source-proxy.ts';
import { type Log, silentLog } from '../../src/log.ts';
import type { ChannelLook, FromLive, LiveSettings, ViewerFacts } from '../../src/on-air/live-messages.ts';
import type { Picture } from '../../src/on-air/picture.ts';
import type { ItemSource, PlanStep } from '../../src/on-air/plan-step.ts';

const picture: Picture = {
  ...{ width: 320, height: 180, rate: { num: 25, den: 1 }, gop: 25, h264Profile: 'main', h264Level: '3.0', videoBps: 400_000 },
  audio: { sampleRate: 48_000, channels: 2, bps: 96_000 },
};

export const look: ChannelLook = { channel: 'c1', name: 'Films & more', picture, watermark: null };

export const folderOf = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-live-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const settingsIn = (folder: string, changes: Partial<LiveSettings> = {}): LiveSettings => ({
  ...{ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, slateFolder: join(folder, 'slates') },
  ...{ font: null, idleStopMs: 30_000, maxSessions: 10, maxViewers: 100 },
  ...changes,
});

/** H.264 and AAC, one key frame a second. */
export function makeFilm(path: string, seconds: number, tone = 440): string {
  const sources = [`testsrc2=s=320x180:r=25:d=${seconds}`, `sine=frequency=${tone}:sample_rate=48000:duration=${seconds}`];
  const inputs = sources.flatMap((source) => ['-f', 'lavfi', '-i', source]);
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k'];
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...inputs, ...codecs, path]);
  return path;
}

export const filmMedia = (durationMs: number): NonNullable<ItemSource['media']> => ({
  ...{ durationMs, container: 'matroska,webm', subtitles: [] },
  video: {
    ...{ codec: 'h264', profile: 'High', level: 12, width: 320, height: 180, sampleAspect: null, rate: { num: 25, den: 1 } },
    ...{ pixelFormat: 'yuv420p', interlaced: false, hdr: false },
  },
  audio: [{ ordinal: 0, codec: 'aac', profile: 'LC', sampleRate: 48_000, channels: 1, language: null, isDefault: true }],
});

export const film = (path: string | null, changes: Partial<ItemSource> = {}): ItemSource => ({
  ...{ kind: 'item', path, http: null, fromMs: 0, media: filmMedia(60_000), audio: null, subtitle: null, gainDb: 0 },
  ...changes,
});

/** Steps one after the other. */
export function planFrom(
  startMs: number,
  parts: readonly (readonly [seconds: number, source: PlanStep['source']])[],
): PlanStep[] {
  let at = startMs;
  return parts.map(([seconds, source], index) => {
    const step = {
      entryId: `e${index}`,
      startMs: at,
      endMs: at + seconds * 1_000,
      title: `Part ${index}`,
      source,
      transport: 'encode' as const,
    };
    at = step.endMs;
    return step;
  });
}

export type Recording = {
  readonly head: () => string;
  readonly body: () => Buffer;
  /** When each piece of the body came, ms of the steady clock. */
  readonly pieces: readonly { readonly at: number; readonly bytes: number }[];
  readonly askedAt: number;
  readonly closed: () => boolean;
  readonly socket: Socket;
};

export type Station = {
  readonly live: Live;
  readonly told: FromLive[];
  readonly port: number;
  steps: readonly PlanStep[];
  slateOnly: boolean;
  watch(method?: string): Recording;
  pids(): readonly number[];
};

/** Slates are made before it answers. */
export async function openStation(
  t: Test,
  folder: string,
  changes: Partial<LiveSettings> = {},
  log: Log = silentLog,
): Promise<Station> {
  const told: FromLive[] = [];
  const proxy = await openSourceProxy(log, (tls, ms) => openConnector('media', tls, ms));
  const openTools = (settings: LiveSettings) => {
    const { startProgramme: start, makeSlate, probeMedia: probe } = openFfmpeg(settings, log);
    return { start, makeSlate, probe, maker: 'test' };
  };
  const live = createLive({ proxy, openTools, clock: systemClock, log, lookMs: 200, tell: (message) => told.push(message) });
  let number = 0;
  const server: Server = createServer((socket) => {
    socket.once('data', (request) => {
      const method = request.toString().startsWith('HEAD') ? 'HEAD' : 'GET';
      const facts = {
        id: `v${number++}`,
        channel: 'c1',
        consumer: 'test',
        address: '127.0.0.1',
        userAgent: null,
        method,
      } as const;
      live.hear(
        { type: 'viewer', viewer: facts satisfies ViewerFacts, steps: station.steps, slateOnly: station.slateOnly },
        socket,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  t.teardown(async () => {
    live[Symbol.dispose]();
    server.close();
    await proxy[Symbol.asyncDispose]();
  });
  const { port } = server.address() as { readonly port: number };
  const station: Station = {
    ...{ live, told, port, steps: [], slateOnly: false },
    watch: (method = 'GET') => record(port, method),
    pids() {
      const alive = new Set<number>();
      for (const one of told) if (one.type === 'process') one.state === 'began' ? alive.add(one.pid) : alive.delete(one.pid);
      return [...alive];
    },
  };
  live.hear({ type: 'settings', settings: settingsIn(folder, changes) }, null);
  live.hear({ type: 'looks', looks: [look] }, null);
  await until(() => told.some(({ type }) => type === 'ready'));
  return station;
}

export function record(port: number, method = 'GET', path = '/'): Recording {
  const socket = connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  const pieces: { at: number; bytes: number }[] = [];
  let head = '';
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('data', (chunk) => {
    let body = chunk;
    if (!head.endsWith('\r\n\r\n')) {
      const text = head + chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) {
        head = text;
        return;
      }
      body = chunk.subarray(end + 4 - head.length);
      head = text.slice(0, end + 4);
    }
    if (body.length === 0) return;
    chunks.push(body);
    pieces.push({ at: performance.now(), bytes: body.length });
  });
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: here\r\n\r\n`);
  return {
    head: () => head,
    body: () => Buffer.concat(chunks),
    pieces,
    askedAt: performance.now(),
    closed: () => isClosed,
    socket,
  };
}

export async function until(holds: () => boolean, limitMs = 20_000): Promise<void> {
  for (const end = performance.now() + limitMs; !holds(); await wait(20)) {
    if (performance.now() > end) throw new Error(`it did not come within ${limitMs / 1_000} s: ${holds}`);
  }
}

export type Packet = { readonly kind: string; readonly pts: number; readonly dts: number; readonly key: boolean };

/** As ffprobe reads them, seconds; with what it complains of. */
export async function probe(
  folder: string,
  body: Buffer,
): Promise<{ readonly packets: readonly Packet[]; readonly complaints: string }> {
  const path = join(folder, `probe-${performance.now()}.ts`);
  writeFileSync(path, body);
  const args = ['-v', 'warning', '-show_entries', 'packet=codec_type,pts_time,dts_time,flags', '-of', 'csv=p=0', path];
  const { stdout, stderr } = await promisify(execFile)('ffprobe', args, { maxBuffer: 2 ** 26 });
  const packets = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(','))
    .map(([kind = '', pts, dts, flags = '']) => ({ kind, pts: Number(pts), dts: Number(dts), key: flags.startsWith('K') }));
  return { packets, complaints: stderr };
}

/** What decoding every frame complains of. */
export async function decode(folder: string, body: Buffer): Promise<string> {
  const path = join(folder, `decode-${performance.now()}.ts`);
  writeFileSync(path, body);
  const { stderr } = await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'warning', '-i', path, '-f', 'null', '-']);
  return stderr;
}

/** Who waits longer for a byte waits for a time-out, not for a busy machine. The second that viewers are promised is what `npm run bench` measures. */
export const SILENT_MS = 3_000;

/** The longest time without a byte. */
export const longestSilence = ({ pieces }: Recording): number =>
  pieces.reduce((most, { at }, index) => Math.max(most, at - (pieces[index - 1]?.at ?? at)), 0);

/** A zombie is not alive. */
export const isAlive = (pid: number): boolean => {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) Z /.test(readFileSync(path, 'utf8'));
};

/** Process ids of all whose command line has this text. */
export const pidsOf = (text: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid) && commandOf(pid).includes(text));

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Field 4 of /proc/PID/stat. */
export function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

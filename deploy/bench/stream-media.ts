// Films that the stream's benches play: the one of facts/seeds.md §3, and others that are harder to open.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ffmpeg = async (args: readonly string[]): Promise<void> => {
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
};

const pattern = (size: string, rate: number, seconds: number): readonly string[] => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
  ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
];

/** Copies a short file behind itself: long films cost no encoding. */
async function looped(from: string, to: string, seconds: number): Promise<string> {
  await ffmpeg(['-stream_loop', '-1', '-i', from, '-c', 'copy', '-t', `${seconds}`, to]);
  await rm(from);
  return to;
}

/** H.264 720p24 at 4.2 Mbit/s with a key frame each 5 s, and AAC, in Matroska: one minute of it again and again. */
export async function seedFilm(folder: string, seconds: number): Promise<string> {
  const minute = join(folder, 'minute.mkv');
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '4M', '-maxrate', '4M', '-bufsize', '4M'];
  await ffmpeg([
    ...pattern('1280x720', 24, 60),
    ...[...video, '-x264-params', 'nal-hrd=cbr', '-g', '120', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '192k', minute],
  ]);
  return await looped(minute, join(folder, 'seed.mkv'), seconds);
}

export type HardFilm = { readonly name: string; readonly make: (folder: string) => Promise<string> };

const SHORT_S = 6;
const HARD_RATE = 25;
/** Of each: long enough to be sought in. */
export const HARD_FILM_S = 120;

const hard = (name: string, file: string, size: string, args: readonly string[]): HardFilm => ({
  name,
  async make(folder) {
    const short = join(folder, `short-${file}`);
    await ffmpeg([...pattern(size, HARD_RATE, SHORT_S), ...args, short]);
    return await looped(short, join(folder, file), HARD_FILM_S);
  },
});

export const HARD_FILMS: readonly HardFilm[] = [
  hard('HEVC 1080p 10 bit', 'hevc.mkv', '1920x1080', [
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=48', '-pix_fmt', 'yuv420p10le'],
    ...['-c:a', 'ac3'],
  ]),
  hard('MPEG-2 576i, MPEG-TS', 'interlaced.ts', '720x576', [
    ...['-c:v', 'mpeg2video', '-b:v', '5M', '-flags', '+ildct+ilme', '-top', '1', '-g', '12', '-aspect', '16:9', '-c:a', 'mp2'],
  ]),
  hard('MPEG-4 ASP 4:3, AVI', 'xvid.avi', '640x480', ['-c:v', 'mpeg4', '-vtag', 'XVID', '-q:v', '4', '-g', '250', '-c:a', 'mp3']),
];

// Films for the demo's television: tiny test pictures with a tone, made by ffmpeg where the demo runs.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { FilmSeed, LibrarySeed } from './jellyfin/library-seeds.ts';

type TinyFilm = {
  readonly name: string;
  readonly year: number;
  readonly genre: string;
  /** What lavfi draws. */
  readonly picture: string;
  readonly toneHz: number;
  /** The clip is repeated so often: a long film costs no more than a short one. */
  readonly times: number;
};

const CLIP_S = 12;

const films: readonly TinyFilm[] = [
  { name: 'The Mill', year: 1931, genre: 'Drama', picture: 'testsrc2', toneHz: 440, times: 60 },
  { name: 'Low Water', year: 1957, genre: 'Crime', picture: 'smptebars', toneHz: 550, times: 75 },
  { name: 'Sluice Number Nine', year: 1984, genre: 'Comedy', picture: 'rgbtestsrc', toneHz: 660, times: 65 },
];

/** As the simulated Jellyfin knows them before there are files. */
export const TINY_FILMS: LibrarySeed = {
  name: 'Old Films',
  films: films.map(
    ({ name, year, genre, times }): FilmSeed => ({ name, year, genres: [genre], runtimeMs: times * CLIP_S * 1_000 }),
  ),
};

/** True where a channel can be made on this machine. */
export const hasFfmpeg = async (): Promise<boolean> =>
  await run('ffmpeg', ['-version']).then(
    () => true,
    () => false,
  );

/** One after the other, on one thread and with less than ordinary priority: the demo's own figures are taken meanwhile. @throws what ffmpeg said */
export async function* makeTinyFilms(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly name: string; readonly file: string }> {
  await mkdir(folder, { recursive: true });
  for (const film of films) {
    const clip = join(folder, `${film.picture}-clip.mkv`);
    const file = join(folder, `${film.picture}.mkv`);
    await run('ffmpeg', [...clipArguments(film), clip], signal);
    await run('ffmpeg', [...quiet, '-stream_loop', String(film.times - 1), '-i', clip, '-c', 'copy', file], signal);
    yield { name: film.name, file };
  }
}

const quiet = ['-v', 'error', '-nostdin', '-y'];

const clipArguments = ({ picture, toneHz }: TinyFilm): readonly string[] => [
  ...quiet,
  ...['-f', 'lavfi', '-i', `${picture}=size=320x180:rate=25`],
  ...['-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=48000`, '-t', String(CLIP_S)],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-b:v', '150k', '-threads', '1'],
  ...['-c:a', 'aac', '-b:a', '64k', '-ac', '2'],
];

async function run(program: string, words: readonly string[], signal?: AbortSignal): Promise<void> {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], ...(signal && { signal }) });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (child.pid !== undefined && signal) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const code = await ended;
  if (code !== 0) throw new Error(`${program}: ${said.trim() || `it ended with ${code}`}`);
}

// Films that tell which they are and where one is in them: a colour of their own, and a brightness that changes with each second.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Twelve bytes a picture: two by two points, three planes. */
const SMALL = ['-vf', 'scale=2:2', '-pix_fmt', 'yuv444p', '-f', 'rawvideo', '-fps_mode', 'passthrough', 'pipe:1'];
const BYTES = 12;
const NEAR = 12;

export type ColourFilm = { readonly path: string; readonly u: number; readonly v: number };

export type FilmShape = { readonly colour: string; readonly rate: string; readonly seconds: number; readonly tone: number };

/** H.264 and AAC in Matroska, a key frame a second. */
export async function makeColourFilm(path: string, { colour, rate, seconds, tone }: FilmShape): Promise<ColourFilm> {
  const picture = `color=c=${colour}:s=320x180:r=${rate}:d=${seconds},eq=brightness='0.12*mod(floor(t+0.001),2)':eval=frame`;
  const sound = `sine=frequency=${tone}:sample_rate=48000:duration=${seconds}`;
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k'];
  await run('ffmpeg', [
    '-nostdin',
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    picture,
    '-f',
    'lavfi',
    '-i',
    sound,
    ...codecs,
    path,
  ]);
  const [first] = await seenIn(path, ['-frames:v', '1']);
  return { path, u: first?.u ?? 0, v: first?.v ?? 0 };
}

export type Seen = { readonly y: number; readonly u: number; readonly v: number };

/** What each picture of a file shows, in the order in which they are shown. */
export async function seenIn(path: string, more: readonly string[] = []): Promise<readonly Seen[]> {
  const args = ['-nostdin', '-v', 'error', '-i', path, '-map', '0:v:0', ...more, ...SMALL];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 26 });
  return Array.from({ length: stdout.length / BYTES }, (_, index) => {
    const [y = 0, u = 0, v = 0] = [0, 4, 8].map((plane) => stdout[index * BYTES + plane]);
    return { y, u, v };
  });
}

/** Which film it is; -1 for a slate. */
export const whichFilm = ({ u, v }: Seen, films: readonly ColourFilm[]): number =>
  films.findIndex((film) => Math.abs(film.u - u) + Math.abs(film.v - v) < NEAR);

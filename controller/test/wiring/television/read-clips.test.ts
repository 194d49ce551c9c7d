// The folder of clips of this machine, with real files and the real ffprobe.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { openFfmpeg } from '../../../src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../../src/log.ts';
import { createClipsReader } from '../../../src/wiring/television/read-clips.ts';

const run = promisify(execFile);
const settings = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, font: null } as const;
const NEVER = new AbortController().signal;

t.test('row 157: each video in the folder is a clip, looked at once; what is none is passed over', async (t) => {
  const folder = t.testdir({ 'notes.txt': 'none', 'broken.mkv': 'none', winter: {} });
  const make = (name: string, seconds: number) =>
    run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `color=gray:s=64x36:r=10:d=${seconds}`, '-y', join(folder, name)]);
  await make('spot.mp4', 2);
  await make('winter/snow.mkv', 3);
  const { probeMedia } = openFfmpeg(settings, silentLog);
  let looks = 0;
  const read = createClipsReader(folder, async (path, signal) => {
    looks += 1;
    return await probeMedia(path, signal);
  });
  const clips = async () => (await Array.fromAsync(read(NEVER))).flat();
  const found = await clips();
  t.match(found, [
    { title: 'spot', durationMs: 2_000, kind: 'video', server: 'this machine', path: join(folder, 'spot.mp4') },
    { title: 'snow', durationMs: 3_000 },
  ]);
  t.equal(new Set(found.map(({ id }) => id)).size, 2);
  t.equal(looks, 3);
  t.same(await clips(), found);
  t.equal(looks, 3, 'only once');
  await rm(join(folder, 'spot.mp4'));
  await writeFile(join(folder, 'late.ts'), 'none');
  t.match(await clips(), [{ title: 'snow' }]);
});

t.test('a folder that is not there is told by its key', async (t) => {
  const read = createClipsReader('/nowhere/clips', async () => t.fail('nothing is looked at') as never);
  await t.rejects(Array.fromAsync(read(NEVER)), { code: 'upstream_failed', message: /channels\.commercials_path: .*nowhere/ });
});

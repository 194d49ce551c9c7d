// The gain that makes a file as loud as the house: measured and applied by the real ffmpeg.
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { readLoudness } from '../../src/ffmpeg/loudness.ts';
import { h264, makeFilm, play, sources } from './fixtures/films.ts';
import { fileOrder, openHere } from './fixtures/orders.ts';

const folder = t.testdir({});
const never = new AbortController().signal;
const ffmpeg = openHere();

const loudness = (path: string): number => {
  const command = `ffmpeg -hide_banner -nostats -i "$1" -vn -af ebur128=peak=true:framelog=verbose -f null - 2>&1`;
  return readLoudness(execFileSync('sh', ['-c', command, 'sh', path]).toString())?.lufs ?? Number.NaN;
};

t.test('a soft file is raised, a loud one lowered, to -23 LUFS; what is heard then is that', async (t) => {
  for (const db of [-9, 6]) {
    const from = makeFilm(folder, `${db}.mkv`, [
      ...sources('96x54', 3),
      '-af',
      `volume=${db}dB`,
      ...h264,
      '-c:a',
      'aac',
      '-ac',
      '2',
    ]);
    const media = await ffmpeg.probeMedia(from, never);
    const gainDb = await ffmpeg.measureGain(from, media, null, never);
    t.ok(Math.abs(gainDb) > 1 && Math.abs(gainDb) <= 12, `${gainDb} dB`);
    const { path } = await play(ffmpeg, { ...fileOrder({ from, media, gainDb }), durationMs: 2_800 }, folder);
    t.ok(Math.abs(loudness(path) + 23) < 1, `${loudness(path)} LUFS`);
  }
});

t.test('0 without sound and for silence; the gain is bounded', async (t) => {
  const mute = makeFilm(folder, 'mute.mkv', [...sources('96x54', 1).slice(0, 4), ...h264]);
  t.equal(await ffmpeg.measureGain(mute, await ffmpeg.probeMedia(mute, never), null, never), 0);
  const silent = makeFilm(folder, 'silent.flac', ['-f', 'lavfi', '-i', 'anullsrc', '-t', '1']);
  t.equal(await ffmpeg.measureGain(silent, await ffmpeg.probeMedia(silent, never), null, never), 0);
  const faint = makeFilm(folder, 'faint.flac', [...sources('96x54', 2).slice(4), '-af', 'volume=-30dB']);
  const media = await ffmpeg.probeMedia(faint, never);
  t.equal(await ffmpeg.measureGain(faint, media, 0, never), 12);
  await t.rejects(ffmpeg.measureGain('/nowhere.mkv', media, 0, never), { code: 'upstream_failed', message: /No such file/u });
  await t.rejects(ffmpeg.measureGain('http://u:p@h/', media, 0, never), { code: 'upstream_failed' });
});

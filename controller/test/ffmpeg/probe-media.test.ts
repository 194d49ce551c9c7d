// What files hold: the real ffprobe on tiny files, and its answers that no tiny file gives.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../src/log.ts';
import { h264, makeFilm, sources } from './fixtures/films.ts';
import { openHere, settings } from './fixtures/orders.ts';

const folder = t.testdir({});
const never = new AbortController().signal;
const { probeMedia } = openHere();

t.test('container, picture, sound and length of ordinary files', async (t) => {
  const mkv = makeFilm(folder, 'a.mkv', [...sources('96x54', 1), ...h264, '-c:a', 'ac3', '-metadata:s:a:0', 'language=ger']);
  t.match(await probeMedia(mkv, never), {
    container: 'matroska,webm',
    video: {
      codec: 'h264',
      width: 96,
      height: 54,
      sampleAspect: null,
      rate: { num: 25, den: 1 },
      pixelFormat: 'yuv420p',
      interlaced: false,
      hdr: false,
    },
    audio: [{ ordinal: 0, codec: 'ac3', sampleRate: 48_000, channels: 1, language: 'ger' }],
    subtitles: [],
  });
  const { durationMs } = await probeMedia(mkv, never);
  t.ok(Math.abs((durationMs ?? 0) - 1_000) < 100);
});

t.test('a cover is no picture', async (t) => {
  const cover = makeFilm(folder, 'cover.png', ['-f', 'lavfi', '-i', 'color=red:s=32x32', '-frames:v', '1']);
  const song = makeFilm(folder, 'song.mp3', [
    ...sources('96x54', 1).slice(4),
    '-i',
    cover,
    '-map',
    '0',
    '-map',
    '1',
    '-c:a',
    'mp3',
    '-disposition:v',
    'attached_pic',
  ]);
  const { video, audio } = await probeMedia(song, never);
  t.equal(video, null);
  t.equal(audio.length, 1);
});

t.test('what is no film, is gone, or holds a secret is refused, without its address', async (t) => {
  await t.rejects(probeMedia(import.meta.filename, never), { code: 'upstream_failed', message: /probing a file failed/u });
  await t.rejects(probeMedia(join(folder, 'gone'), never), { code: 'upstream_failed', message: /No such file/u });
  await t.rejects(probeMedia('http://127.0.0.1/?api_key=k3y', never), {
    code: 'upstream_failed',
    message: /secret \(api_key\)/u,
  });
  const without = openFfmpeg({ ...settings, ffprobe: '/nowhere/ffprobe' }, silentLog);
  await t.rejects(without.probeMedia(import.meta.filename, never), { message: /check channels\.ffprobe/u });
});

t.test('a silent server is left when the signal says so', async (t) => {
  const controller = new AbortController();
  const server = createServer(() => controller.abort());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  await t.rejects(probeMedia(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, controller.signal), {
    name: 'AbortError',
  });
});

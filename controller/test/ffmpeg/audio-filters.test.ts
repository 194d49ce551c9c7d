// Whatever a file sounds like, what comes out is the channel's: real ffmpeg, tiny films.
import t from 'tap';
import { audioGraph } from '../../src/ffmpeg/audio-filters.ts';
import { h264, makeFilm, meanVolume, play, sources } from './fixtures/films.ts';
import { isNormal } from './fixtures/is-normal.ts';
import { fileOrder, openHere, picture } from './fixtures/orders.ts';

const ffmpeg = openHere();
const folder = t.testdir({});
const film = (name: string, args: readonly string[]): string => makeFilm(folder, name, args);

t.test('5.1 is mixed down, one channel becomes two, no sound is silence, no picture is a plain one', async (t) => {
  const surround = film('51.mkv', [
    ...sources('96x54', 1),
    '-af',
    'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0',
    ...h264,
    '-c:a',
    'ac3',
  ]);
  const mono = film('mono.mp4', [...sources('96x54', 1), ...h264, '-c:a', 'aac', '-ac', '1', '-ar', '22050']);
  const mute = film('mute.mp4', [...sources('96x54', 1).slice(0, 4), ...h264]);
  const blind = film('blind.flac', sources('96x54', 1).slice(4));
  const loud = async (from: string): Promise<number> =>
    meanVolume(await isNormal(t, { ...fileOrder({ from }), durationMs: 800 }, folder));
  t.ok((await loud(surround)) > -40);
  t.ok((await loud(mono)) > -40);
  t.ok((await loud(mute)) < -80);
  t.ok((await loud(blind)) > -40);
});

t.test('the language asked for is heard, with its gain; one that is not there is the first', async (t) => {
  const two = film('two.mkv', [
    ...sources('96x54', 1),
    ...['-f', 'lavfi', '-i', 'sine=frequency=880:sample_rate=48000:d=1', '-filter_complex', '[2:a]volume=-20dB[q]'],
    ...['-map', '0:v', '-map', '1:a', '-map', '[q]', ...h264, '-c:a', 'aac'],
    ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger'],
  ]);
  const { audio } = await ffmpeg.probeMedia(two, new AbortController().signal);
  t.same(
    audio.map(({ ordinal, language }) => [ordinal, language]),
    [
      [0, 'eng'],
      [1, 'ger'],
    ],
  );
  const loud = async (ordinal: number | null, gainDb = 0): Promise<number> =>
    meanVolume((await play(ffmpeg, { ...fileOrder({ from: two, audio: ordinal, gainDb }), durationMs: 800 }, folder)).path);
  const first = await loud(null);
  t.ok(Math.abs((await loud(7)) - first) < 0.5, 'not there');
  t.ok(Math.abs((await loud(1)) - (first - 20)) < 1.5, 'the second');
  t.ok(Math.abs((await loud(null, -6)) - (first - 6)) < 0.7, 'softer');
  t.ok(Math.abs((await loud(1, 9)) - (first - 11)) < 1.5, 'louder');
});

t.test('a gain upwards is held below clipping, none is no filter', async (t) => {
  t.notMatch(audioGraph({ ordinal: 0, gainDb: 0, lateMs: 0 }, picture.audio), /volume|alimiter/u);
  t.match(audioGraph({ ordinal: 2, gainDb: -3.456, lateMs: 0 }, picture.audio), /^\[0:a:2\].*,volume=-3\.46dB,apad\[a\]$/u);
  t.match(
    audioGraph({ ordinal: 0, gainDb: 3, lateMs: 0 }, picture.audio),
    /,volume=3\.00dB,alimiter=limit=0\.891:level=disabled,apad\[a\]$/u,
  );
});

// How long a slate is.
import t from 'tap';
import { slateLength } from '../../src/ffmpeg/slate-length.ts';
import { picture } from './fixtures/orders.ts';

const at = (num: number, den = 1, sampleRate: 44_100 | 48_000 = 48_000) =>
  slateLength({ rate: { num, den }, audio: { ...picture.audio, sampleRate } });

t.test('whole frames of both, near 2 s', async (t) => {
  t.same(at(25), { videoFrames: 48, audioFrames: 90 });
  t.same(at(24), { videoFrames: 64, audioFrames: 125 });
  t.same(at(30), { videoFrames: 64, audioFrames: 100 });
  t.same(at(50), { videoFrames: 96, audioFrames: 90 });
  t.same(at(60), { videoFrames: 128, audioFrames: 100 });
});

t.test('where none is whole, within a tenth of a frame of sound', async (t) => {
  for (const [num, den, rate] of [
    [30_000, 1001, 48_000],
    [24_000, 1001, 48_000],
    [25, 1, 44_100],
    [60_000, 1001, 44_100],
  ] as const) {
    const { videoFrames, audioFrames } = at(num, den, rate);
    const [video, audio] = [(videoFrames * den) / num, (audioFrames * 1024) / rate];
    t.ok(
      video >= 1 && video <= 4 && Math.abs(video - audio) < 0.1 * (1024 / rate),
      `${num}/${den} at ${rate}: ${video} s, ${audio} s`,
    );
  }
});

// The splicer with real ffmpeg on both sides: frames whose length is a fraction of a tick, and clocks that begin again at 2^33.
import t from 'tap';
import { CLEAN } from './fixtures/ask-ffmpeg.ts';
import { joinInTurn, makeUnits, PAL } from './fixtures/join-in-turn.ts';

t.test('30 frames a second with 44.1 kHz, and 24000/1001, whose lengths are fractions of a tick', async (t) => {
  for (const [rate, sampleRate, frameTicks] of [
    ['30', 44_100, 3_000],
    ['24000/1001', 44_100, 3_753.75],
  ] as const) {
    const shape = { rate, sampleRate, gop: 30 };
    const [one = [], slate = []] = await makeUnits(shape, { ...shape, seconds: 1.3, hz: 600 });
    const audioFrameTicks = (1_024 * 90_000) / sampleRate;
    const joined = await joinInTurn([one], slate, { frameTicks, audioFrameTicks, count: 8 });
    const { probed, ...rest } = joined.verdict;
    t.same(joined.report.faults, [], rate);
    t.same(rest, CLEAN, rate);
    t.equal(probed.falling, 0);
    t.same(joined.videoHoles, [], rate);
    for (const hole of joined.audioHoles) t.ok(hole > -2 && hole < audioFrameTicks, `${rate}: ${hole} ticks without sound`);
    for (const ticks of joined.late) t.ok(ticks > -2 && ticks < frameTicks + 1, `${rate}: ${ticks} ticks late`);
  }
});

t.test('the time line passes 2^33 ticks, and so does a source, in the middle of a picture sequence', async (t) => {
  const wrapping = ['-muxdelay', '0', '-muxpreload', '0', '-output_ts_offset', String((2 ** 33 - 45_000) / 90_000)];
  const [one = [], two = [], slate = []] = await makeUnits({ flags: wrapping }, { seconds: 1.5 }, { seconds: 1.92, gop: 24 });
  t.ok((one.at(-1)?.pts ?? 0) > 2 ** 33, 'a source is read on without the wrap');
  const joined = await joinInTurn([one, two], slate, { ...PAL, startTicks: 2 ** 33 - 300_000, count: 8 });
  const { probed, ...rest } = joined.verdict;
  t.same(joined.report.faults, []);
  t.same(rest, CLEAN);
  t.equal(probed.falling, 0);
  t.same(joined.videoHoles, []);
  const shown = joined.report.pts.video;
  t.ok((shown[0] ?? 0) < 2 ** 33 && (shown.at(-1) ?? 0) > 2 ** 33, 'it did pass');
});

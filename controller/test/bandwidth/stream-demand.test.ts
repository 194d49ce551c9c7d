// Row 19: what one stream takes.
import t from 'tap';
import { demandOf } from '../../src/bandwidth/stream-demand.ts';

const video = { kind: 'video', transcode: null, nominalBps: null, height: null } as const;
const converted = { bps: 3_000_000, videoDirect: false, audioDirect: true };

t.test('row 19: transcode, else source, else height 25/10/5/3, else 5 Mbit/s', async (t) => {
  for (const [what, stream, bps, from] of [
    ['a transcode beats its source', { ...video, transcode: converted, nominalBps: 8e6 }, 3e6, 'transcode'],
    [
      'a remux is as large as its source',
      { ...video, transcode: { ...converted, videoDirect: true }, nominalBps: 8e6 },
      8e6,
      'source',
    ],
    ['a transcode that says nothing yet', { ...video, transcode: { ...converted, bps: null }, nominalBps: 8e6 }, 8e6, 'source'],
    ['direct play', { ...video, nominalBps: 8_220_000 }, 8_220_000, 'source'],
    ['2160 lines', { ...video, height: 2160 }, 25e6, 'height'],
    ['1080 lines', { ...video, height: 1080 }, 10e6, 'height'],
    ['1079 lines', { ...video, height: 1079 }, 5e6, 'height'],
    ['480 lines', { ...video, height: 480 }, 3e6, 'height'],
    ['0 lines', { ...video, height: 0 }, 5e6, 'default'],
    ['nothing known', video, 5e6, 'default'],
    ['music', { ...video, kind: 'audio' as const }, 320_000, 'default'],
  ] as const)
    t.same(
      demandOf({ ...stream, transcode: stream.transcode && { ...stream.transcode, audioDirect: stream.transcode.videoDirect } }),
      { bps, from },
      what,
    );
});

t.test('absurd rates are no rates: 0, negative, NaN, 10 Gbit/s for a trailer', async (t) => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 10_000_000_000]) {
    t.equal(demandOf({ ...video, nominalBps: bad }).from, 'default', `source ${bad}`);
    t.equal(demandOf({ ...video, transcode: { ...converted, bps: bad }, nominalBps: 8e6 }).from, 'source', `transcode ${bad}`);
  }
});

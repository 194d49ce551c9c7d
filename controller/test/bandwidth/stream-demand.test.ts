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

t.test('what the server set aside comes first, also above the rate of the film; nonsense falls back', async (t) => {
  for (const [what, stream, bps, from] of [
    ['a reservation', { ...video, reservedBps: 12e6, nominalBps: 8e6 }, 12e6, 'reservation'],
    ['also beside a transcode', { ...video, reservedBps: 4e6, transcode: converted, nominalBps: 8e6 }, 4e6, 'reservation'],
    ['a large one of a film in 4K', { ...video, reservedBps: 160e6, nominalBps: 80e6 }, 160e6, 'reservation'],
    ['music with one', { ...video, kind: 'audio' as const, reservedBps: 900_000 }, 900_000, 'reservation'],
    ['10 Gbit/s for a trailer', { ...video, reservedBps: 10e9, nominalBps: 8e6 }, 8e6, 'source'],
    ['10 Gbit/s, and nothing else known', { ...video, reservedBps: 10e9, height: 1080 }, 10e6, 'height'],
    ['0', { ...video, reservedBps: 0, nominalBps: 8e6 }, 8e6, 'source'],
    ['none', { ...video, reservedBps: null, transcode: converted, nominalBps: 8e6 }, 3e6, 'transcode'],
    ['a photo is small, whatever its height', { ...video, kind: 'photo' as const, height: 4_000 }, 1e6, 'default'],
    ['a download by its rate', { ...video, kind: 'download' as const, nominalBps: 20e6 }, 20e6, 'source'],
    ['live television by its height', { ...video, kind: 'live' as const, height: 720 }, 5e6, 'height'],
  ] as const)
    t.same(demandOf(stream), { bps, from }, what);
});

t.test('a relay lets no more than 8 Mbit/s through: a guess is not larger, what was set aside stands', async (t) => {
  for (const [what, stream, bps, from] of [
    ['by its source', { ...video, saidPlace: 'relayed' as const, nominalBps: 40e6 }, 8e6, 'source'],
    ['by its height', { ...video, saidPlace: 'relayed' as const, height: 2160 }, 8e6, 'height'],
    ['a transcode of 2', { ...video, saidPlace: 'relayed' as const, transcode: { ...converted, bps: 2e6 } }, 2e6, 'transcode'],
    ['its reservation', { ...video, saidPlace: 'relayed' as const, reservedBps: 2.2e6, nominalBps: 40e6 }, 2.2e6, 'reservation'],
    ['remote without a relay', { ...video, saidPlace: 'remote' as const, nominalBps: 40e6 }, 40e6, 'source'],
  ] as const)
    t.same(demandOf(stream), { bps, from }, what);
});

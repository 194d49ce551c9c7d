// Rounding to whole KiB/s, and no accident that opens the tap.
import t from 'tap';
import { fromLimitBytes, roundedBps, toLimitBytes } from '../../src/qbittorrent/limit-rate.ts';

const cases: readonly { readonly bps: number; readonly bytes: number; readonly why: string }[] = [
  { bps: 0, bytes: 0, why: 'none stays none' },
  { bps: 1, bytes: 1024, why: 'a rate above 0 is at least 1 KiB/s' },
  { bps: 0.001, bytes: 1024, why: 'even a tiny one' },
  { bps: 8_191, bytes: 1024, why: 'just below 1 KiB/s' },
  { bps: 8_192, bytes: 1024, why: '1 KiB/s' },
  { bps: 16_383, bytes: 1024, why: 'cut, not rounded up' },
  { bps: 5_600_000, bytes: 699_392, why: '700000 bytes/s as seen on 4.5.2' },
  { bps: 8 * 1_234_567, bytes: 1_233_920, why: 'as seen on 4.5.2' },
  { bps: 24_000_000_000, bytes: 2_147_482_624, why: 'more than an int32 of bytes would stand as no limit' },
  { bps: -5, bytes: 0, why: 'below 0 there is no limit' },
];

t.test('bit/s become the bytes/s that qBittorrent keeps', async (t) => {
  for (const { bps, bytes, why } of cases) {
    t.equal(toLimitBytes(bps), bytes, why);
    t.equal(roundedBps(bps), bytes * 8, why);
    t.equal(toLimitBytes(roundedBps(bps)), bytes, `${why}, twice`);
  }
});

t.test('what qBittorrent tells as no limit is 0', async (t) => {
  t.equal(fromLimitBytes(-1), 0);
  t.equal(fromLimitBytes(0), 0);
  t.equal(fromLimitBytes(1024), 8192);
});

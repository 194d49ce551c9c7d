// KiB/s and back: what was read is given back as it was, and no cap becomes "none" on the way.
import t from 'tap';
import { fromKiB, keptBps, roundedBps, toKiB } from '../../src/deluge/limit-rate.ts';

t.test('what Deluge told goes back as it was told, over a wire of 32-bit floats', async (t) => {
  for (const kib of [-1, 0, 1, 5, 30, 700, 700.3, 0.5, 12.75, 99999, 8_500.7, 123_456.8, 2_097_151, -5, -0.5]) {
    const told = fromKiB(Math.fround(kib));
    t.equal(Math.fround(toKiB(told)), Math.fround(kib), `${kib}`);
    t.equal(keptBps(told), told, `${kib} reads back`);
  }
});

t.test('a number that a person typed is written as it was typed', async (t) => {
  for (const kib of [-1, 700.3, 8_500.7, 123_456.8]) t.equal(toKiB(fromKiB(Math.fround(kib))), kib);
});

t.test('every 32-bit float of a limit is kept to the bit/s', async (t) => {
  for (let kib = 0.37; kib < 2_000_000; kib *= 1.37) {
    const told = fromKiB(Math.fround(kib));
    t.equal(fromKiB(Math.fround(toKiB(told))), told, `${kib}`);
    t.equal(keptBps(told), told);
  }
});

t.test('a cap is whole KiB/s, and never none', async (t) => {
  const cases: readonly [number, number][] = [
    [1, 8_192],
    [8_192, 8_192],
    [16_383, 8_192],
    [5_600_000, 683 * 8_192],
    [24e9, 2_097_151 * 8_192],
  ];
  for (const [bps, kept] of cases) {
    t.equal(roundedBps(bps), kept, `${bps}`);
    t.equal(toKiB(roundedBps(bps)), kept / 8_192);
    t.equal(keptBps(roundedBps(bps)), kept);
  }
  t.ok(Math.trunc(Math.fround(toKiB(1)) * 1024) >= 1, 'a byte per second at least, after Deluge has cut');
  t.equal(toKiB(24e9), 2_097_151, 'of more, libtorrent makes none');
});

t.test('none stays as it is spelled', async (t) => {
  t.equal(roundedBps(0), 0);
  t.equal(roundedBps(-8_192), -8_192);
  t.equal(toKiB(-8_192), -1);
  t.ok(Object.is(fromKiB(-0.00001), 0), 'no -0');
});

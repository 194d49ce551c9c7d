// A server's clock by its Date headers.
import t from 'tap';
import { createClockSkew } from '../../../src/jellyfin/sync/clock-skew.ts';

const START = Date.UTC(2026, 10, 26, 12);
/** As a server writes it whose clock is `skewMs` before ours, when ours says `atMs` and its header was renewed `ageMs` ago. */
const header = (atMs: number, skewMs: number, ageMs = 0): string => new Date(atMs + skewMs - ageMs).toUTCString();

t.test('nothing is known before the first answer', async (t) => {
  t.same(createClockSkew().read(), { ms: 0, plusMinusMs: Number.POSITIVE_INFINITY });
});

for (const skewMs of [0, 700, -1300, 90_000, -3_600_000])
  t.test(`a clock that is ${skewMs} ms off is known to about a second, and surely`, async (t) => {
    const skew = createClockSkew();
    for (let n = 0; n < 200; n += 1) {
      const sentMs = START + n * 1013;
      const heardMs = sentMs + 20 + (n % 7) * 10;
      // The header is renewed once a second, at any time of it.
      skew.note(header(sentMs + 10, skewMs, (n * 137) % 1000), sentMs, heardMs);
      const { ms, plusMinusMs } = skew.read();
      t.ok(Math.abs(ms - skewMs) <= plusMinusMs, `${n}: ${ms} ± ${plusMinusMs}`);
    }
    t.ok(skew.read().plusMinusMs <= 1050, `± ${skew.read().plusMinusMs}`);
  });

t.test('a clock that is set is believed at its next answer', async (t) => {
  const skew = createClockSkew();
  for (let n = 0; n < 10; n += 1) skew.note(header(START + n * 1000, 0), START + n * 1000, START + n * 1000 + 5);
  const later = START + 60_000;
  skew.note(header(later, 3_600_000), later, later + 5);
  const { ms, plusMinusMs } = skew.read();
  t.ok(Math.abs(ms - 3_600_000) <= plusMinusMs && plusMinusMs <= 2000, `${ms} ± ${plusMinusMs}`);
});

t.test('what was heard long ago counts no more: clocks drift', async (t) => {
  const skew = createClockSkew();
  let worst = 0;
  for (let n = 0; n < 2000; n += 1) {
    const atMs = START + n * 10_000;
    const driftMs = n * 2; // 200 ms in 1000 s
    skew.note(header(atMs, driftMs), atMs, atMs + 5);
    const { ms, plusMinusMs } = skew.read();
    worst = Math.max(worst, Math.abs(ms - driftMs) - plusMinusMs);
  }
  t.ok(worst <= 120, `${worst} ms beyond what it said`);
});

t.test('a header that is no date says nothing', async (t) => {
  const skew = createClockSkew();
  skew.note('soon', START, START);
  t.equal(skew.read().plusMinusMs, Number.POSITIVE_INFINITY);
});

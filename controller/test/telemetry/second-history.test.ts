// The ring of seconds: two hours, bounded whatever the sender and the clock do.
import t from 'tap';
import { createSecondHistory, SECONDS_KEPT_MS } from '../../src/telemetry/second-history.ts';

const point = (at: number, upBps = 1) => ({ at, upBps, downBps: 0 });
const HOUR = 3_600_000;

t.test('keeps two hours', async (t) => {
  const ring = createSecondHistory();
  for (let s = 0; s < 3 * 3_600; s += 1) ring.add(point(s * 1_000));
  t.equal(ring.size(), SECONDS_KEPT_MS / 1_000 + 1);
  t.equal(ring.range(0, 5 * HOUR)[0]?.at, HOUR - 1_000);
  t.equal(ring.range(2 * HOUR, 2 * HOUR + 5_000).length, 5, 'from counts, to does not');
  t.equal(ring.since(3 * HOUR - 10_000).length, 10);
});

t.test('a sender that speaks 50 times a second fills no memory', async (t) => {
  const ring = createSecondHistory();
  for (let i = 0; i < 50_000; i += 1) ring.add(point(i * 20));
  t.ok(ring.size() <= 7_501, String(ring.size()));
});

t.test('a clock that was set back fills no memory, and old times are not "the last seconds"', async (t) => {
  const ring = createSecondHistory();
  for (let s = 0; s < 7_000; s += 1) ring.add(point(10 * HOUR + s * 1_000, 100));
  for (let s = 0; s < 20_000; s += 1) ring.add(point(s * 1_000, 1));
  t.ok(ring.size() <= 7_501, String(ring.size()));
  const fresh = createSecondHistory();
  for (let s = 0; s < 60; s += 1) fresh.add(point(10 * HOUR + s * 1_000, 100));
  for (let s = 0; s < 5; s += 1) fresh.add(point(s * 1_000, 1));
  t.same(
    fresh.since(0).map(({ upBps }) => upBps),
    [1, 1, 1, 1, 1],
  );
});

// The beat of the readings, on a clock that the test moves.
import t from 'tap';
import { everyTick } from '../../src/sampling/every-tick.ts';
import { createFakeClock } from '../fake-clock.ts';

t.test('ticks stand on the grid for a thousand periods: no drift', async (t) => {
  const clock = createFakeClock();
  const end = new AbortController();
  const at: number[] = [];
  const beat = everyTick(1000, clock, end.signal, async () => {
    at.push(clock.monotonic());
    clock.leap(7);
  });
  await clock.advance(1_000_000);
  end.abort();
  await beat;
  t.equal(at.length, 1001);
  t.same(
    at.filter((one) => one % 1000 !== 0),
    [],
  );
});

t.test('a slow task skips ticks and never overlaps itself', async (t) => {
  const clock = createFakeClock();
  const end = new AbortController();
  const seen: [number, number][] = [];
  let running = 0;
  const beat = everyTick(1000, clock, end.signal, async (skipped) => {
    running += 1;
    t.equal(running, 1);
    seen.push([clock.monotonic(), skipped]);
    if (seen.length === 2) await clock.sleep(3500, end.signal);
    running -= 1;
  });
  await clock.advance(6000);
  end.abort();
  await beat;
  t.same(seen, [
    [0, 0],
    [1000, 0],
    [5000, 3],
    [6000, 0],
  ]);
});

t.test('ends at once when told, in the middle of a wait', async (t) => {
  const end = new AbortController();
  const beat = everyTick(60_000, createFakeClock(), end.signal, async () => {});
  await new Promise((resolve) => setImmediate(resolve));
  end.abort();
  await beat;
  t.pass('ended');
});

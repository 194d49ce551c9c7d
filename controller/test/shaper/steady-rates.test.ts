// The plan with hysteresis.
import t from 'tap';
import { nextRates, type SteadyRates } from '../../src/shaper/steady-rates.ts';

const M = 1_000_000;

/** Upload rates as they are wanted, second by second; answers with what holds then. */
function follow(wanted: (second: number) => number | null, seconds: number): readonly (number | null)[] {
  let rates: SteadyRates | null = null;
  return Array.from({ length: seconds }, (_, second) => {
    rates = nextRates(rates, { upBps: wanted(second), downBps: null }, second * 1_000);
    return rates.up.bps;
  });
}
const changes = (rates: readonly (number | null)[]): readonly (readonly [number, number | null])[] =>
  rates.flatMap((bps, i) => (i > 0 && bps !== rates[i - 1] ? [[i, bps] as const] : []));

t.test('the first plan holds at once', async (t) => {
  t.equal(follow(() => 20 * M, 1)[0], 20 * M);
});

t.test('a fall holds at once, a rise only after two minutes of it', async (t) => {
  t.same(changes(follow((second) => (second < 100 ? 20 * M : second < 200 ? 10 * M : 20 * M), 500)), [
    [100, 10 * M],
    [320, 20 * M],
  ]);
});

t.test('a change below 3 % is none, however often it comes', async (t) => {
  t.same(changes(follow((second) => (20 + (second % 5) * 0.1) * M, 600)), []);
  t.same(changes(follow((second) => (second < 100 ? 20 : 19.4) * M, 300)), [[100, 19.4 * M]]);
});

t.test('one change a minute at most, and a plan that goes up and down settles at the lower rate', async (t) => {
  const restless = follow((second) => (Math.floor(second / 10) % 2 === 0 ? 20 : 10) * M, 3_600);
  t.same(changes(restless), [[70, 10 * M]]);
  const sinking = changes(follow((second) => (100 - second / 10) * M, 600));
  for (const [i, [at]] of sinking.entries()) t.ok(at - (sinking[i - 1]?.[0] ?? 0) >= 60, `${at}`);
});

t.test('a direction that is to be left alone is a rise, and one that is planned anew a fall', async (t) => {
  t.same(changes(follow((second) => (second < 100 ? 20 * M : second < 400 ? null : 30 * M), 600)), [
    [220, null],
    [400, 30 * M],
  ]);
});

t.test('both directions share the minute, each with its own rise', async (t) => {
  let rates = nextRates(null, { upBps: 20 * M, downBps: 200 * M }, 0);
  rates = nextRates(rates, { upBps: 10 * M, downBps: 300 * M }, 60_000);
  t.match(rates, { up: { bps: 10 * M }, down: { bps: 200 * M }, changedAt: 60_000 });
  rates = nextRates(rates, { upBps: 5 * M, downBps: 300 * M }, 100_000);
  t.match(rates, { up: { bps: 10 * M }, changedAt: 60_000 }, 'the minute is not over');
  rates = nextRates(rates, { upBps: 5 * M, downBps: 300 * M }, 180_000);
  t.match(rates, { up: { bps: 5 * M }, down: { bps: 300 * M }, changedAt: 180_000 });
});

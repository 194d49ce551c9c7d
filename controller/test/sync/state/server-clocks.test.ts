// How far each server's clock is from ours.
import t from 'tap';
import { createServerClocks } from '../../../src/sync/state/server-clocks.ts';

const clocks = (byDate: { ms: number; plusMinusMs: number } | null) => {
  const told = { now: byDate };
  return { told, clocks: createServerClocks(() => told.now) };
};

/** So many hooks, one each 200 ms, by a clock that is so far ahead. */
function hear(one: ReturnType<typeof createServerClocks>, count: number, { fromMs, offset }: { fromMs: number; offset: number }) {
  for (let n = 0; n < count; n += 1) one.note('barn', fromMs + n * 200 + offset - (n % 5), fromMs + n * 200);
}

t.test('the quickest of its hooks tells its clock best', async (t) => {
  const { clocks: one } = clocks({ ms: 0, plusMinusMs: 1_000 });
  t.same(one.skew('barn'), { ms: 0, plusMinusMs: 1_000 });
  for (const delay of [300, 4, 90]) one.note('barn', 1_000_000 + 500 - delay, 1_000_000);
  t.same(one.skew('barn'), { ms: 496, plusMinusMs: 50 });
  t.equal(one.oursOf('barn', 1_000_496, 1_000_020), 1_000_000);
});

t.test('a time is never ahead of ours, and not a minute behind it', async (t) => {
  const { clocks: one } = clocks(null);
  t.equal(one.skew('barn'), null);
  t.equal(one.oursOf('barn', 2_000_000, 1_000_000), 1_000_000);
  t.equal(one.oursOf('barn', 500_000, 1_000_000), 940_000);
});

t.test('what was measured before a clock was set counts no more, as soon as its answers tell', async (t) => {
  const { told, clocks: one } = clocks({ ms: 0, plusMinusMs: 500 });
  hear(one, 5, { fromMs: 999_000, offset: 0 });
  t.equal(one.skew('barn')?.ms, 0);
  told.now = { ms: -90_000, plusMinusMs: 500 };
  t.same(one.skew('barn'), { ms: -90_000, plusMinusMs: 1_000 }, 'set back');
  hear(one, 4, { fromMs: 1_000_000, offset: -90_000 });
  t.same(one.skew('barn'), { ms: -90_000, plusMinusMs: 50 });
  told.now = { ms: 90_000, plusMinusMs: 500 };
  t.same(one.skew('barn'), { ms: 90_000, plusMinusMs: 1_000 }, 'set ahead');
});

t.test(
  'a clock that was set back by less than its answers can tell: its hooks seem late, and how sure their times are says so',
  async (t) => {
    const { clocks: one } = clocks({ ms: 0, plusMinusMs: 1_000 });
    hear(one, 20, { fromMs: 990_000, offset: 0 });
    hear(one, 16, { fromMs: 996_000, offset: -650 });
    t.same(one.skew('barn'), { ms: 0, plusMinusMs: 700 }, 'it may be so far off, or they are late');
    one.note('barn', 1_000_000, 1_000_000);
    t.same(one.skew('barn'), { ms: 0, plusMinusMs: 50 }, 'they were late');
  },
);

t.test('what was made before a clock was set back, and comes late, has the time that the clock said then', async (t) => {
  const { told, clocks: one } = clocks({ ms: 0, plusMinusMs: 500 });
  hear(one, 5, { fromMs: 999_000, offset: 0 });
  told.now = { ms: -20_000, plusMinusMs: 500 };
  hear(one, 5, { fromMs: 1_003_000, offset: -20_000 });
  one.note('barn', 1_000_100, 1_004_000);
  t.equal(one.oursOf('barn', 1_000_100, 1_004_000), 1_000_100);
  t.equal(one.oursOf('barn', 984_000, 1_004_000), 1_004_000);
});

t.test('what was made before a clock was set ahead, and comes late, has the time that the clock said then', async (t) => {
  const { told, clocks: one } = clocks({ ms: 0, plusMinusMs: 500 });
  hear(one, 5, { fromMs: 999_000, offset: 0 });
  told.now = { ms: 90_000, plusMinusMs: 500 };
  one.note('barn', 1_000_100, 1_004_000);
  t.equal(one.oursOf('barn', 1_000_100, 1_004_000), 1_000_100, 'as soon as its answers tell');
  hear(one, 5, { fromMs: 1_003_000, offset: 90_000 });
  t.equal(one.oursOf('barn', 1_000_100, 1_004_000), 1_000_100, 'and when its hooks tell');
  t.equal(one.beforeSet('barn', 1_094_000, 1_004_000), null);
  const { clocks: back } = clocks({ ms: 90_000, plusMinusMs: 500 });
  hear(back, 5, { fromMs: 1_003_000, offset: 90_000 });
  hear(back, 2, { fromMs: 1_004_000, offset: 0 });
  t.equal(back.beforeSet('barn', 1_004_200, 1_004_200), null, 'it was set back, and nobody knows it yet');
});

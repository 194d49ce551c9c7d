// Which numbers may be written as a limit.
import t from 'tap';
import { checkLimit, standingLimit } from '../../src/jellyfin/limit-value.ts';

t.test('limits that may be written', async (t) => {
  for (const bps of [1, 4_000_000, 2_147_483_647, 0, -1]) t.equal(checkLimit(bps), bps);
  t.ok(Object.is(checkLimit(-0), 0), 'no negative zero in JSON');
});

t.test('limits that may not', async (t) => {
  for (const bps of [Number.NaN, 1.5, -2, -4_000_000, 2_147_483_648, 3e9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    t.throws(() => checkLimit(bps), { code: 'input_invalid' }, String(bps));
  }
});

t.test('what stands', async (t) => {
  t.equal(standingLimit(3_000_000), 3_000_000);
  t.equal(standingLimit(0), 0);
  t.equal(standingLimit(-1), -1);
  t.equal(standingLimit(-7), -1, 'any negative number is the same "none", and must be restorable');
  t.equal(standingLimit(null), 0);
  t.equal(standingLimit(undefined), 0);
});

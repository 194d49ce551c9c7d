// Which clients are busy, without flapping.
import t from 'tap';
import { type Activity, nextActivity } from '../../src/bandwidth/client-activity.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { M } from './fixtures/decision-input.ts';

/** Readings of one client beside three others that rest; answers whether it is busy after each. `total` bit/s for all four. */
function follow(total: number, ceilingBps = Number.POSITIVE_INFINITY) {
  let memory: Activity = new Map();
  return (second: number, usedBps: number): boolean => {
    const uses = ['a', 'b', 'c', 'd'].map((client) => ({ client, usedBps: client === 'a' ? usedBps : 0, ceilingBps }));
    memory = nextActivity(memory, total, uses, second * 1_000);
    return memory.has('a');
  };
}

t.test('a client that uses more than half of its net is busy at once, and at rest only after 180 s below that', async (t) => {
  const at = follow(M);
  t.notOk(at(0, 30_000), 'half of 62.5 kbit/s, a quarter of 1 Mbit/s by four');
  t.ok(at(1, 32_000));
  t.ok(at(2, 0));
  t.ok(at(40, 31_000));
  t.ok(at(181, 0));
  t.notOk(at(182, 0), '180 s after the first quiet reading');
  t.notOk(at(183, 0));
  t.ok(at(184, M));
});

t.test('above 128 kbit/s it is busy, however large the net, also while nothing is limited', async (t) => {
  t.notOk(follow(100 * M)(0, 128_000));
  t.ok(follow(100 * M)(0, 128_001));
  t.ok(follow(Number.POSITIVE_INFINITY)(0, 128_001));
});

t.test('one that its user keeps smaller than the net is busy when it uses half of that', async (t) => {
  t.ok(follow(100 * M, 20_000)(0, 10_001));
  t.notOk(follow(100 * M, 20_000)(0, 10_000));
});

t.test('short lulls do not make it flap: at most one change of mind in 180 s, for 500 traces', async (t) => {
  const random = seededRandom(183);
  let wrong = 0;
  for (let trace = 0; trace < 500; trace += 1) {
    const at = follow(10 * M);
    let [was, restedAt] = [false, Number.NEGATIVE_INFINITY];
    for (let second = 0, busyAt = 0; second < 1_500; second += 1 + Math.floor(random() * 9)) {
      const is = at(second, random() < 0.02 ? random() * M : 0);
      if (is && !was) busyAt = second;
      if (!is && was) {
        if (second - busyAt < 180 || second - restedAt < 180) wrong += 1;
        restedAt = second;
      }
      was = is;
    }
  }
  t.equal(wrong, 0);
});

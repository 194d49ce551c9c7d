// Row 180: attack fast, release slowly.
import t from 'tap';
import { type Hold, holdRelease } from '../../src/bandwidth/hold-release.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const HOLD_MS = 60_000;
const replay = (steps: readonly (readonly [at: number, wanted: number])[], releaseMs = HOLD_MS): number[] => {
  let hold: Hold = [];
  return steps.map(([at, wanted]) => {
    const next = holdRelease(hold, wanted, at, releaseMs);
    hold = next.hold;
    return next.value;
  });
};

t.test('a fall passes at once, a rise after it held for the release time', async (t) => {
  t.same(
    replay([
      [0, 10],
      [1_000, 4],
      [2_000, 10],
      [61_999, 10],
      [62_000, 10],
    ]),
    [10, 4, 4, 4, 10],
  );
});

t.test('row 180: a flapping trace makes one change', async (t) => {
  const flapping = Array.from({ length: 300 }, (_, i) => [i * 1_000, i % 20 < 10 ? 4 : Number.POSITIVE_INFINITY] as const);
  t.equal(new Set(replay(flapping)).size, 1);
  const late = replay([[0, Number.POSITIVE_INFINITY], ...flapping.map(([at, wanted]) => [at + 1_000, wanted] as const)]);
  t.equal(late.filter((value, i) => i > 0 && value !== late[i - 1]).length, 1, 'from free to capped, once');
});

t.test('a rise by steps is released step by step', async (t) => {
  t.same(
    replay([
      [0, 2],
      [10_000, 4],
      [20_000, 8],
      [70_000, 8],
      [80_000, 8],
    ]),
    [2, 2, 2, 4, 8],
  );
});

t.test('without a release time everything passes', async (t) => {
  t.same(
    replay(
      [
        [0, 2],
        [1, 9],
        [2, 3],
      ],
      0,
    ),
    [2, 9, 3],
  );
});

t.test('property: it is the least that was wanted within the release time; memory stays small', async (t) => {
  const random = seededRandom(180);
  let hold: Hold = [];
  const wanted: number[] = [];
  const wrong: number[] = [];
  let longest = 0;
  for (let second = 0; second < 5_000; second += 1) {
    wanted.push(Math.floor(random() * 40));
    const next = holdRelease(hold, wanted[second] ?? 0, second * 1_000, HOLD_MS);
    hold = next.hold;
    longest = Math.max(longest, hold.length);
    // A value ends the moment the next one comes, so 60 s after it was last wanted at second n it is let go at n + 61.
    const expected = Math.min(...wanted.slice(Math.max(0, second - 60)));
    if (next.value !== expected) wrong.push(second);
  }
  t.same(wrong, []);
  t.ok(longest <= 61, `${longest} entries`);
});

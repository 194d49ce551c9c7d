// Many kills at random moments, another seed each time.
import t from 'tap';
import { freshSeed } from '../../../controller/test/fixtures/seeded-random.ts';
import { killAtMoments } from './fixtures/kill-moments.ts';

t.test('200 kills within 10 s: all is given back 200 times', { timeout: 1_800_000 }, async (t) => {
  const seed = freshSeed();
  t.comment(`seed ${seed}`);
  const { whileCapped, wrong } = await killAtMoments({ kills: 200, seed, latestMs: 10_000 });
  t.ok(whileCapped > 50, `${whileCapped} while limits stood`);
  t.same(wrong, [], `seed ${seed}`);
});

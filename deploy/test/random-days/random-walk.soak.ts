// Ten thousand random things happen to a home, others each time.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { freshSeed } from '../../../controller/test/fixtures/seeded-random.ts';
import { walkAtRandom } from './fixtures/random-walk.ts';

const MAY_GROW_MB = 8;

t.test('10,000 random things', { timeout: 1_800_000 }, async (t) => {
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
  const seed = freshSeed();
  t.comment(`seed ${seed}`);
  const report = await walkAtRandom({ seed, actions: 10_000, say: (line) => t.comment(line) });
  t.comment(JSON.stringify(report));
  t.same(report.problems, [], `seed ${seed}`);
  t.ok(report.caps > 1_000, `${report.caps} caps were set`);
  const [first, last] = report.heapMb;
  t.ok(last - first < MAY_GROW_MB, `heap ${first.toFixed(1)} MB at first, ${last.toFixed(1)} MB at last`);
});

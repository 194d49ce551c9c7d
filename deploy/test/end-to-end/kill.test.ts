// A short share of the kills at random moments; the long one is kill.soak.ts.
import t from 'tap';
import { killAtMoments } from './fixtures/kill-moments.ts';

t.test('SIGKILL at random moments: the next start, switched off, gives all back (rows 57, 58, 199)', async (t) => {
  const { kills, whileCapped, wrong } = await killAtMoments({
    kills: 4,
    seed: 5,
    latestMs: 2_500,
    say: (line) => t.comment(line),
  });
  t.equal(kills, 4);
  t.ok(whileCapped > 0, 'some of them while limits stood');
  t.same(wrong, []);
});

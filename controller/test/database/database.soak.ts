// 200 kills at random moments under writes, one and 64 at a time, with compaction running all the time.
import t from 'tap';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { killWriters } from './kill-writers.ts';

t.test('200 kills lose nothing that was acknowledged', async (t) => {
  const report = await killWriters(200, seededRandom(Date.now()));
  t.comment(`${report.acknowledged} acknowledged writes`);
  t.same(report.lost, []);
  t.same(report.problems, []);
});

// No acknowledged write is lost when the process is killed; the long run is database.soak.ts and the bench.
import t from 'tap';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { killWriters } from './kill-writers.ts';

t.test('15 kills at random moments under writes lose nothing that was acknowledged', async (t) => {
  const report = await killWriters(15, seededRandom(20_261_121));
  t.ok(report.acknowledged > 100, `${report.acknowledged} writes were acknowledged`);
  t.same(report.lost, []);
  t.same(report.problems, []);
});

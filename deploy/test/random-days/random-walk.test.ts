// A share of the soak: some hundred things happen to a home, from the same random numbers each time; the long walk is random-walk.soak.ts.
import t from 'tap';
import { walkAtRandom } from './fixtures/random-walk.ts';

t.test('some hundred random things: no limit that may not be, and everybody has theirs back at the end', async (t) => {
  const report = await walkAtRandom({ seed: 11, actions: 300, pauseMs: 20, say: (line) => t.comment(line) });
  t.same(report.problems, []);
  t.ok(report.caps > 20, `${report.caps} caps were set`);
  t.ok(report.restored > 5, `${report.restored} originals were put back`);
  t.ok(report.paused > 0 && report.resumed > 0, `torrents were stopped ${report.paused} and started ${report.resumed} times`);
  t.ok(report.mostInFlight <= 4, `${report.mostInFlight} writes at once at most`);
});

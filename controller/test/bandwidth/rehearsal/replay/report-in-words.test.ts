// The report as a person reads it.
import { join } from 'node:path';
import t from 'tap';
import { builtInAllocators } from '../../../../src/bandwidth/allocators/built-in.ts';
import { rehearsalView } from '../../../../src/bandwidth/rehearsal/rehearsal-api.ts';
import { viewReport } from '../../../../src/bandwidth/rehearsal/rehearsal-view.ts';
import { overridingPolicy } from '../../../../src/bandwidth/rehearsal/replay/policy.ts';
import { rehearse } from '../../../../src/bandwidth/rehearsal/replay/rehearse.ts';
import { reportInWords } from '../../../../src/bandwidth/rehearsal/replay/report-in-words.ts';
import { M } from '../../fixtures/decision-input.ts';
import { openRecordedHome, spendRestlessTime } from '../fixtures/recorded-home.ts';

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

t.test('a table of both, the viewers, the moments with both reasons, and what cannot be known', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const home = await openRecordedHome(folder, { capacityUpBps: 30 * M });
  t.teardown(() => home[Symbol.asyncDispose]());
  await spendRestlessTime(home, 300, 5);
  await home.stop();
  const replay = (overrides: object, from = 0) =>
    rehearse({ folder, span: { from, to: 9e15 }, policy: overridingPolicy(overrides), allocators: builtInAllocators });
  const report = await replay({ capacityUpBps: 10 * M, apply: 'active' });
  const text = reportInWords(report, clock).join('\n');
  t.match(text, /^Replayed \d\d:\d\d:\d\d to \d\d:\d\d:\d\d: [45] min \d\d s, \d+ turns\./);
  for (const line of [
    /as it was +as it would be/,
    /mode streaming +\d/,
    /torrents kept to +\d+\.\d Mbit\/s in the mean of/,
    /limits written +\d+ set, \d+ put back +\d+ set, \d+ put back/,
    /streams above the budget +(never|\d)/,
    /\d+ times it would have been otherwise, for \d/,
    /main\/anna: lower for \d min, higher for \d min; least cap \d+\.\d Mbit\/s → \d+\.\d Mbit\/s/,
    /was: {3}.*\n +would: .*10\.0 Mbit\/s less/,
    /Changed by hand in that time: .*reserve/,
    /What a replay cannot know:\n {2}Players would have drawn otherwise/,
  ])
    t.match(text, line);
  t.same(rehearsalView.safeParse(viewReport(report)).error?.issues ?? [], [], 'and as REST shows it');
  t.match(reportInWords(await replay({}), clock).join('\n'), /\nNothing would have been otherwise\.\n/);
  t.same(reportInWords(await replay({}, 8e15), clock), ['Nothing is recorded of that time.']);
});

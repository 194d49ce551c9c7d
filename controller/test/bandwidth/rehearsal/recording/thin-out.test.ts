// Old days keep one turn a minute, and a replay says so.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { builtInAllocators } from '../../../../src/bandwidth/allocators/built-in.ts';
import { listRecordings } from '../../../../src/bandwidth/rehearsal/recording/recordings.ts';
import { thinOut } from '../../../../src/bandwidth/rehearsal/recording/thin-out.ts';
import { overridingPolicy } from '../../../../src/bandwidth/rehearsal/replay/policy.ts';
import { rehearse } from '../../../../src/bandwidth/rehearsal/replay/rehearse.ts';
import { M } from '../../fixtures/decision-input.ts';
import { openRecordedHome, spendRestlessTime } from '../fixtures/recorded-home.ts';
import { startRecorder } from '../fixtures/recorder.ts';
import { START_UTC, turnAt } from '../fixtures/turns.ts';

const DAY_MS = 86_400_000;
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };
const replay = (folder: string, overrides = {}) =>
  rehearse({ folder, span: ALL, policy: overridingPolicy(overrides), allocators: builtInAllocators });

t.test('one turn a minute is kept, with what was remembered; all the time is still there', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const home = await openRecordedHome(folder, { capacityUpBps: 30 * M });
  t.teardown(() => home[Symbol.asyncDispose]());
  await spendRestlessTime(home, 620, 3);
  await home.stop();
  const before = await replay(folder, { reserve: { percent: 40 } });
  const [full] = await listRecordings(folder);
  await thinOut(folder, full?.name ?? '');
  const [thinned, ...more] = await listRecordings(folder);
  t.same(more, [], 'it took the place of the full one');
  t.equal(thinned?.thinned, true);
  t.ok((thinned?.bytes ?? 0) < (full?.bytes ?? 0) / 3, `${thinned?.bytes} of ${full?.bytes} bytes`);
  const after = await replay(folder, { reserve: { percent: 40 } });
  t.ok(after.turns >= 10 && after.turns <= 20, `${after.turns} turns`);
  t.same(after.problems, []);
  t.equal(after.gaps.count, 0, 'a minute is no gap there');
  t.ok(Math.abs(after.thinnedMs - before.replayedMs) < 65_000, `${after.thinnedMs} of ${before.replayedMs} ms`);
  t.ok(after.differences.moments > 0, 'another policy still differs');
  t.equal((await replay(folder)).differences.moments, 0);
});

t.test(
  'old files are thinned out and deleted while it records, and what an interrupted thinning left is cleared away',
  async (t) => {
    const folder = join(t.testdir(), 'recordings');
    const limits = { fullMs: DAY_MS, thinnedMs: 3 * DAY_MS, maxBytes: 100_000_000 };
    const first = startRecorder(folder, limits);
    for (let second = 0; second < 300; second += 1) first.turn(turnAt(second));
    await first.stop();
    const [name = ''] = await readdir(folder);
    const at = (daysAgo: number): string => new Date(START_UTC - daysAgo * DAY_MS).toISOString().replaceAll(/[:.]/g, '-');
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(join(folder, name));
    await writeFile(join(folder, `${at(2)}.turns.rec`), bytes);
    await writeFile(join(folder, `${at(5)}.turns.rec`), bytes);
    await writeFile(join(folder, `${at(2)}.minutes.rec.draft`), 'half');
    await writeFile(join(folder, 'notes.txt'), "somebody else's");
    const second = startRecorder(folder, limits);
    for (let tries = 0; tries < 300 && (await readdir(folder)).length !== 3; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    t.same((await readdir(folder)).sort(), [`${at(2)}.minutes.rec`, name, 'notes.txt'].sort());
    await second.stop();
  },
);

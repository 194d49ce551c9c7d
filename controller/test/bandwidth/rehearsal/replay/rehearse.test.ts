// Gap 10 of facts/bandwidth.md §9: a recorded time replayed; first of all under the settings that held, where nothing may differ.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { builtInAllocators } from '../../../../src/bandwidth/allocators/built-in.ts';
import {
  configuredPolicy,
  overridingPolicy,
  type Policy,
  recordedPolicy,
} from '../../../../src/bandwidth/rehearsal/replay/policy.ts';
import { rehearse } from '../../../../src/bandwidth/rehearsal/replay/rehearse.ts';
import { freshSeed } from '../../../fixtures/seeded-random.ts';
import { M, SETTINGS } from '../../fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from '../../fixtures/memory-home.ts';
import { openRecordedHome, spendRestlessTime, USERS } from '../fixtures/recorded-home.ts';

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };
const replay = (folder: string, policy: Policy, span = ALL) => rehearse({ folder, span, policy, allocators: builtInAllocators });

t.test('a home that is recorded asks and writes the same as one that is not', async (t) => {
  const writesOf = async (home: MemoryHome): Promise<readonly string[]> => {
    t.teardown(() => home[Symbol.asyncDispose]());
    await spendRestlessTime(home, 200, 21);
    await home.stop();
    return home.writes.map(({ target, bps }) => `${target} ${bps}`);
  };
  const settings = { capacityUpBps: 30 * M };
  const plain = await writesOf(await openMemoryHome(settings, USERS));
  t.ok(plain.length > 10);
  t.same(await writesOf(await openRecordedHome(join(t.testdir(), 'recordings'), settings)), plain);
});

t.test('gap 10: a real run replayed under its own settings gives every decision that was made', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const seed = freshSeed();
  t.comment(`seed ${seed}`);
  const home = await openRecordedHome(folder, { capacityUpBps: 30 * M });
  t.teardown(() => home[Symbol.asyncDispose]());
  await spendRestlessTime(home, 500, seed);
  await home.stop();
  await home.start();
  await spendRestlessTime(home, 100, seed + 1);
  home.clock.setUtc(home.clock.now() + 3 * 3_600_000);
  await spendRestlessTime(home, 100, seed + 2);
  await home.stop();
  const made = await home.bandwidth.decisions(1_000);
  t.ok(made.length > 20, 'decisions were made');

  const report = await replay(folder, recordedPolicy);
  t.ok(report.turns >= 700, `${report.turns} turns`);
  t.equal(report.decidedOtherwise, 0, 'each as it was made');
  t.equal(report.differences.moments, 0);
  t.same(report.problems, []);
  t.match(report.changedByHand, ['algorithm', 'reserve'], 'what was changed by hand is named');
  t.equal(report.gaps.count, 1, 'the restart is a gap; the clock that was set is none');
  t.ok(report.replayedMs > 690_000 && report.replayedMs < 705_000, `${report.replayedMs} ms of 700 s`);

  const same = await replay(
    folder,
    configuredPolicy(() => ({ ...SETTINGS, capacityUpBps: 30 * M })),
  );
  t.equal(same.differences.moments, 0, 'the configuration of that time: what was changed by hand stands over it');

  const other = await replay(
    folder,
    configuredPolicy(() => ({ ...SETTINGS, capacityUpBps: 12 * M })),
  );
  t.ok(other.differences.moments > 0 && other.differences.differingMs > 0);
  t.ok(
    other.differences.viewers.some(({ lowerMs }) => lowerMs > 0),
    'less capacity, lower caps',
  );
  t.equal(other.decidedOtherwise, 0, 'what was is not touched by it');
  const [first] = other.differences.first;
  t.not(first?.wasReason, first?.wouldReason);
  t.match(first?.wouldReason ?? '', /12\.0 Mbit\/s less/);
  t.match(other.was.writes.caps, Number);

  await t.test('a part of it, from the middle on, has the memory of its time', async (t) => {
    const { from = 0, to = 0 } = report.span ?? {};
    const part = await replay(folder, recordedPolicy, { from: from + 200_000, to: from + 400_000 });
    t.equal(part.decidedOtherwise, 0);
    t.ok(Math.abs(part.replayedMs - 200_000) < 3_000, `${part.replayedMs} ms`);
    const none = await replay(folder, recordedPolicy, { from: to + 10 * 3_600_000, to: to + 11 * 3_600_000 });
    t.equal(none.span, null);
  });

  await t.test('settings by the hour are those of the recorded moment', async (t) => {
    const { from = 0 } = report.span ?? {};
    const edge = from + 100_000;
    const capacityAt = (utcMs: number) => (utcMs < edge ? 30 * M : 12 * M);
    const later = await replay(
      folder,
      configuredPolicy((utcMs) => ({ ...SETTINGS, capacityUpBps: capacityAt(utcMs) })),
    );
    const [firstLater] = later.differences.first;
    t.ok((firstLater?.at ?? 0) >= edge && (firstLater?.at ?? 0) < edge + 60_000, 'nothing differs before');
  });

  await t.test('a damaged byte costs its block, is told, and is a gap', async (t) => {
    const [name = ''] = (await readdir(folder)).sort();
    const path = join(folder, name);
    t.equal((await stat(path)).mode & 0o777, 0o600, 'it names viewers, so only its owner reads it');
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const damaged = await replay(folder, overridingPolicy({}));
    t.equal(damaged.decidedOtherwise, 0);
    t.equal(damaged.differences.moments, 0);
    t.match(damaged.problems, [/is damaged: \d+ bytes/]);
    t.equal(damaged.gaps.count, 2);
    t.ok(damaged.turns < report.turns);
  });
});

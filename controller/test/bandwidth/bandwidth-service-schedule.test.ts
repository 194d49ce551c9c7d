// The hours of the schedule pass on a fake clock that begins on a Friday at 08:00 UTC: caps follow, and what the operator does stands over it.
import t from 'tap';
import type { ScheduleRule } from '../../src/bandwidth/schedule.ts';
import { M } from './fixtures/decision-input.ts';
import { openMemoryHome } from './fixtures/memory-home.ts';

const FRIDAY = 4;
const rule = (name: string, fromMinute: number, toMinute: number, change: Partial<ScheduleRule>): ScheduleRule => ({
  ...{ name, weekdays: [FRIDAY], fromMinute, toMinute },
  ...change,
});

t.test('a cap falls at the first minute of a rule and rises after its last; both are told with the rule’s name', async (t) => {
  const schedule = [rule('school', 481, 484, { capacityUpBps: 20 * M }), rule('noon', 484, 485, { reserve: { percent: 50 } })];
  await using home = await openMemoryHome({ restoreAfterMs: 0 }, ['anna'], { schedule });
  await home.pass(50);
  t.equal(home.limits.get('anna'), 32.5 * M);
  t.equal(home.bandwidth.status().settings.rule, null);
  await home.pass(15);
  // 20 less 2 reserve, 3 other, 0.5 for torrents.
  t.equal(home.limits.get('anna'), 14.5 * M);
  t.equal(home.bandwidth.status().settings.rule, 'school');
  t.match(home.bandwidth.status().decision?.reason, /Rule "school" holds\.$/);
  await home.pass(180);
  t.equal(home.limits.get('anna'), 16.5 * M, 'the next rule: 40 less 20, 3 and 0.5');
  await home.pass(90);
  t.equal(home.limits.get('anna'), 32.5 * M);
  t.notMatch(home.bandwidth.status().decision?.reason, /Rule/);
});

t.test('what the operator says by hand stands over a rule, until it is taken back', async (t) => {
  await using home = await openMemoryHome({}, ['anna'], { schedule: [rule('all day', 0, 1_440, { capacityUpBps: 20 * M })] });
  await home.pass(3);
  t.equal(home.limits.get('anna'), 14.5 * M);
  await home.bandwidth.change({ capacityUpBps: 30 * M }, 'test');
  await home.pass(40);
  t.equal(home.limits.get('anna'), 23.5 * M);
  await home.bandwidth.change({ capacityUpBps: null }, 'test');
  await home.pass(3);
  t.equal(home.limits.get('anna'), 14.5 * M);
});

t.test('an end of Headgate within a rule gives everything back as it was', async (t) => {
  await using home = await openMemoryHome({}, ['anna'], { schedule: [rule('all day', 0, 1_440, { capacityUpBps: 20 * M })] });
  const before = home.limits.get('anna');
  await home.pass(3);
  t.not(home.limits.get('anna'), before);
  await home.stop();
  t.equal(home.limits.get('anna'), before);
});

t.test('an override holds over rule and hand, ends by itself, and its end gives back what was', async (t) => {
  await using home = await openMemoryHome({ restoreAfterMs: 0, writeIntervalMs: 0 }, ['anna'], {
    schedule: [rule('all day', 0, 1_440, { capacityUpBps: 20 * M })],
  });
  await home.pass(3);
  await home.bandwidth.override({ patch: { capacityUpBps: 10 * M }, until: home.clock.now() + 60_000 }, 'test');
  await home.pass(3);
  t.equal(home.limits.get('anna'), 5.5 * M);
  await home.kill();
  await home.start();
  await home.pass(20);
  t.equal(home.limits.get('anna'), 5.5 * M, 'also after a kill');
  await home.pass(60);
  t.equal(home.limits.get('anna'), 14.5 * M);
});

t.test('a pause gives everything back at once, and rules again at its end or when it is taken back', async (t) => {
  await using home = await openMemoryHome({}, ['anna']);
  await home.pass(3);
  t.equal(home.limits.get('anna'), 32.5 * M);
  const pause = (minutes: number) =>
    home.bandwidth.override({ patch: { enabled: false }, until: home.clock.now() + minutes * 60_000 }, 'test');
  await pause(1);
  await home.pass(3);
  t.same([home.limits.get('anna'), home.bandwidth.status().decision?.mode], [0, 'off']);
  await home.pass(62);
  t.equal(home.limits.get('anna'), 32.5 * M);
  await pause(60);
  await home.pass(3);
  await pause(0);
  await home.pass(3);
  t.equal(home.limits.get('anna'), 32.5 * M);
});

t.test('a rule may pause, and may leave running streams alone', async (t) => {
  await using home = await openMemoryHome({}, ['anna'], {
    schedule: [rule('quiet', 481, 484, { runningStreams: 'leave' }), rule('off', 484, 485, { enabled: false })],
  });
  await home.pass(120);
  t.same([home.bandwidth.status().settings.runningStreams, home.limits.get('anna')], ['leave', 32.5 * M]);
  await home.pass(130);
  t.equal(home.limits.get('anna'), 0);
  await home.pass(62);
  t.equal(home.limits.get('anna'), 32.5 * M);
});

t.test('what cannot be is refused with the reason', async (t) => {
  await using home = await openMemoryHome({}, ['anna']);
  const until = home.clock.now() + 60_000;
  await t.rejects(home.bandwidth.override({ patch: { algorithm: 'fairest' }, until }, 'test'), /"fairest" is not one of/);
  await t.rejects(home.bandwidth.override({ patch: {}, until }, 'test'), /names nothing/);
  await t.rejects(home.bandwidth.override({ patch: { capacityUpBps: 0 }, until }, 'test'));
  await t.rejects(home.bandwidth.override({ patch: { enabled: false }, until: until * 2 }, 'test'), /7 days/);
});

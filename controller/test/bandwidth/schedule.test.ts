// Hours of the week by the clocks of a home, in the nights on which those are changed too.
import t from 'tap';
import { ruleAt, type ScheduleRule, wallClock, withRule } from '../../src/bandwidth/schedule.ts';
import { M, SETTINGS } from './fixtures/decision-input.ts';

const [MON, FRI, SAT, SUN] = [0, 4, 5, 6];
const rule = (name: string, change: Partial<ScheduleRule> = {}): ScheduleRule => ({
  ...{ name, weekdays: [], fromMinute: 0, toMinute: 1_440 },
  ...change,
});
const at = (hour: number, minute = 0): number => hour * 60 + minute;

t.test(
  'the first rule that fits holds; its end is not in it; over midnight it belongs to the day on which it begins',
  async (t) => {
    const rules = [
      rule('evening', { weekdays: [FRI, SAT], fromMinute: at(22), toMinute: at(2) }),
      rule('work', { weekdays: [MON, FRI], fromMinute: at(9), toMinute: at(17) }),
      rule('night', { fromMinute: at(0), toMinute: at(6) }),
    ];
    for (const [weekday, minute, name] of [
      [FRI, at(21, 59), null],
      [FRI, at(22), 'evening'],
      [FRI, at(23, 59), 'evening'],
      [SAT, at(1, 59), 'evening'],
      [SAT, at(2), 'night'],
      [SUN, at(1), 'evening'],
      [MON, at(1), 'night'],
      [FRI, at(0), 'night'],
      [MON, at(9), 'work'],
      [MON, at(16, 59), 'work'],
      [MON, at(17), null],
      [SUN, at(9), null],
    ] as const)
      t.equal(ruleAt(rules, { weekday, minute })?.name ?? null, name, `${weekday} ${minute}`);
    const sunday = [rule('sunday night', { weekdays: [SUN], fromMinute: at(23), toMinute: at(1) })];
    t.ok(ruleAt(sunday, { weekday: MON, minute: at(0, 30) }), 'from the end of the week into the next');
    t.ok(ruleAt([rule('always')], { weekday: SUN, minute: 1_439 }));
  },
);

t.test('a zone’s clocks, across both changes of the year', async (t) => {
  const berlin = wallClock('Europe/Berlin');
  const seen = (utc: string) => {
    const { weekday, minute } = berlin(Date.parse(utc));
    return [weekday, Math.floor(minute / 60), minute % 60];
  };
  t.same(seen('2026-01-12T17:00Z'), [MON, 18, 0]);
  t.same(seen('2026-07-13T16:00Z'), [MON, 18, 0]);
  // 29 March 2026: after 01:59 comes 03:00.
  t.same(seen('2026-03-29T00:59Z'), [SUN, 1, 59]);
  t.same(seen('2026-03-29T01:00Z'), [SUN, 3, 0]);
  // 25 October 2026: 02:30 is there twice.
  t.same(seen('2026-10-25T00:30Z'), [SUN, 2, 30]);
  t.same(seen('2026-10-25T01:30Z'), [SUN, 2, 30]);
  t.same(seen('2026-10-25T02:00Z'), [SUN, 3, 0]);
  t.same([wallClock('Asia/Kathmandu')(Date.parse('2026-01-11T23:00Z'))], [{ weekday: MON, minute: at(4, 45) }]);
  t.equal(wallClock('UTC')(Date.parse('2026-01-12T00:00Z')).minute, 0, 'midnight is 0, not 24');
});

t.test('a rule says what it says, and leaves the rest', async (t) => {
  const settings = {
    ...SETTINGS,
    capacityUpBps: 40 * M,
    torrentClients: {
      a: { whileStreamingBps: M, whenIdleBps: null, weight: 2 },
      b: { whileStreamingBps: null, whenIdleBps: null, weight: 1 },
    },
  };
  t.equal(withRule(settings, null), settings);
  t.same(withRule(settings, rule('none')), { ...settings, rule: 'none' });
  const evening = withRule(settings, rule('evening', { capacityUpBps: 20 * M, reserve: { percent: 30 }, whenIdleBps: 5 * M }));
  t.match(evening, { rule: 'evening', capacityUpBps: 20 * M, reserve: { percent: 30 }, maxPerViewerBps: 50 * M });
  t.same(evening.torrentClients, {
    a: { whileStreamingBps: M, whenIdleBps: 5 * M, weight: 2 },
    b: { whileStreamingBps: null, whenIdleBps: 5 * M, weight: 1 },
  });
  t.match(withRule(settings, rule('night', { downloadFloorBps: 9 * M, downloadReserve: { bps: M }, torrentFloorBps: 2 * M })), {
    torrentFloorBps: 2 * M,
    torrents: { downloadFloorBps: 9 * M, downloadReserve: { bps: M }, share: 'fixed' },
  });
});

// Rules for hours of the week: which of them holds, and what it changes.
import t from 'tap';
import { ruleAt, type ScheduleRule, withRule } from '../../src/bandwidth/schedule.ts';
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

// Slots of the week and days of the year.
import t from 'tap';
import type { DateRule, Slot } from '../../../src/channels/channel.ts';
import { planSchedule } from '../../../src/channels/schedule/plan-schedule.ts';
import type { ScheduleEntry } from '../../../src/channels/schedule-entry.ts';
import { choice, DAY, episodes, film, films, HOUR, MONDAY, planInput, rules } from './fixtures/made-up-catalogue.ts';
import { faultsOf, orderFaults } from './fixtures/random-channel.ts';

const slot = (start: string, end: string, more: Partial<Slot> = {}): Slot => ({
  days: [],
  start,
  end,
  choice: choice({ kinds: ['movie'] }),
  ...more,
});
const dates = (from: string, to: string, more: Partial<DateRule> = {}): DateRule => ({
  name: 'Christmas',
  from,
  to,
  choice: choice({ tags: ['Christmas'] }),
  slots: [],
  ...more,
});
const CHRISTMAS = Array.from({ length: 8 }, (_, i) => film(`x${i}`, 70 + i, { tags: ['christmas'] }));
const ITEMS = [...films(30, 95), ...episodes('a', 3, 12), ...episodes('b', 3, 12, 40), ...CHRISTMAS];
const startingAt = (entries: readonly ScheduleEntry[], iso: string): ScheduleEntry | undefined =>
  entries.find(({ startMs }) => startMs === Date.parse(iso));
const isFilm = (entry: ScheduleEntry): boolean => entry.kind === 'programme' && entry.season === null;

t.test('a slot begins on the minute on both sides of each change of the clocks, early and late in the day', async (t) => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) {
    for (const from of [
      '2026-03-27T12:00:00Z',
      '2026-10-23T12:00:00Z',
      '2026-10-30T12:00:00Z',
      '2026-03-06T12:00:00Z',
      '2026-04-03T12:00:00Z',
      '2026-10-02T12:00:00Z',
    ]) {
      for (const start of ['02:15', '20:15', '23:45']) {
        const input = planInput({
          items: ITEMS,
          zone,
          rules: rules({ slots: [slot(start, '04:00')] }),
          fromMs: Date.parse(from),
          toMs: Date.parse(from) + 4 * DAY,
        });
        const { entries } = planSchedule(input);
        t.same(faultsOf(input, entries), [], `${zone} ${from} ${start}`);
        const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
        const begins = entries.filter(({ fixed }) => fixed);
        t.ok(begins.length >= 3 && begins.every(isFilm), 'each day');
        const late = begins.filter(({ startMs }) => wall.format(startMs) !== start).map(({ startMs }) => wall.format(startMs));
        // The one night that leaves the time out: at the leap.
        t.ok(late.length <= (start === '02:15' ? 1 : 0) && late.every((time) => /^0(2:30|3:00)$/.test(time)), `${late}`);
      }
    }
  }
});

t.test(
  'only on its days; over midnight; what is in a slot is of its choice, and the order of series holds over it',
  async (t) => {
    const slots = [
      slot('22:00', '02:00', { days: [5] }),
      slot('08:00', '10:00', { days: [6, 7], choice: choice({ series: ['a'] }) }),
    ];
    const input = planInput({ items: ITEMS, rules: rules({ slots }) });
    const { entries } = planSchedule(input);
    t.same(
      entries.filter(({ fixed }) => fixed).map(({ startMs }) => new Date(startMs).toISOString()),
      ['2026-06-05T20:00:00.000Z', '2026-06-06T06:00:00.000Z', '2026-06-07T06:00:00.000Z'],
    );
    const [friday, saturday] = [Date.parse('2026-06-05T20:00:00Z'), Date.parse('2026-06-06T06:00:00Z')];
    const within = (from: number, hours: number) =>
      entries.filter(({ startMs }) => startMs >= from && startMs < from + hours * HOUR);
    t.ok(within(friday, 4).every(isFilm));
    t.ok(within(saturday, 2).every(({ seriesTitle }) => seriesTitle === 'Series a'));
    t.same(orderFaults(ITEMS, entries), []);
  },
);

t.test('nothing runs into a slot and nothing is cut: what fits best comes before it, and filler to the second', async (t) => {
  const items = [film('long', 600), film('two', 120), film('one', 60, { durationMs: 3_599_001 })];
  const input = planInput({
    items,
    rules: rules({ slots: [slot('00:00', '01:00'), slot('03:30', '03:40')] }),
    toMs: MONDAY + DAY,
  });
  const { entries } = planSchedule(input);
  t.same(faultsOf(input, entries), []);
  const before = entries.filter(({ startMs }) => startMs < Date.parse('2026-06-01T03:30:00+02:00'));
  t.equal(before.at(-1)?.kind, 'card');
  t.ok(before.filter(({ kind }) => kind === 'programme').reduce((ms, one) => ms + one.endMs - one.startMs, 0) >= 3 * HOUR);
  t.ok(
    entries.some(({ item }) => item?.id === 'long'),
    'where there is room for it',
  );
});

t.test(
  'a slot without any item that fits, or of any kind, is the ordinary line-up; one that never ends begins once',
  async (t) => {
    const input = planInput({
      items: films(9),
      rules: rules({ slots: [slot('20:00', '22:00', { choice: choice({ genres: ['None'] }) })] }),
    });
    t.same(faultsOf(input, planSchedule(input).entries), []);
    t.ok(planSchedule(input).entries.some(({ fixed }) => fixed));
    const always = planInput({ items: ITEMS, rules: rules({ slots: [slot('00:00', '00:00')] }) });
    const { entries } = planSchedule(always);
    t.ok(entries.every(isFilm), 'no filler at midnight');
  },
);

t.test('row 170: a date rule replaces those days only, each year, at Christmas and over new year', async (t) => {
  for (const year of [2026, 2027]) {
    const fromMs = Date.parse(`${year}-12-22T00:00:00+01:00`);
    const input = planInput({ items: ITEMS, rules: rules({ dates: [dates('12-24', '12-26')] }), fromMs, toMs: fromMs + 7 * DAY });
    const { entries } = planSchedule(input);
    t.same(faultsOf(input, entries), []);
    const [first, after] = [fromMs + 2 * DAY, fromMs + 5 * DAY];
    const within = entries.filter(({ startMs, kind }) => startMs >= first && startMs < after && kind === 'programme');
    t.ok(within.length > 40 && within.every(({ item }) => item?.id.startsWith('x')));
    t.ok(startingAt(entries, new Date(first).toISOString())?.fixed, 'from midnight on');
    const others = entries.filter(({ startMs }) => startMs < first || startMs >= after);
    t.ok(others.filter(({ item }) => item?.id.startsWith('x')).length < others.length / 3);
    t.same(orderFaults(ITEMS, entries), []);
  }
  const fromMs = Date.parse('2026-12-30T00:00:00+01:00');
  const wrapped = planSchedule(
    planInput({ items: ITEMS, rules: rules({ dates: [dates('12-31', '01-01')] }), fromMs, toMs: fromMs + 5 * DAY }),
  ).entries;
  const days = new Set(wrapped.filter(({ fixed }) => fixed).map(({ startMs }) => new Date(startMs).toISOString()));
  t.same([...days], ['2026-12-30T23:00:00.000Z']);
  const tags = wrapped.filter(({ startMs }) => startMs >= fromMs + DAY && startMs < fromMs + 3 * DAY);
  t.ok(tags.filter(({ kind }) => kind === 'programme').every(({ item }) => item?.id.startsWith('x')));
});

t.test(
  'row 170: full dates count once; the first rule in the list wins; slots of a rule stand before the ordinary ones',
  async (t) => {
    const once = dates('2026-06-03', '2026-06-03');
    const rule = dates('06-03', '06-05', {
      name: 'films',
      choice: null,
      slots: [slot('12:00', '14:00', { choice: choice({ series: ['b'] }) })],
    });
    const input = planInput({ items: ITEMS, rules: rules({ slots: [slot('12:00', '13:00')], dates: [once, rule] }) });
    const { entries } = planSchedule(input);
    t.same(faultsOf(input, entries), []);
    const noon = (day: number) => entries.find(({ startMs }) => startMs >= Date.parse(`2026-06-0${day}T12:00:00+02:00`));
    t.same(
      [1, 2, 6, 7].map((day) => noon(day)?.season),
      [null, null, null, null],
      'films',
    );
    t.ok(noon(3)?.item?.id.startsWith('x'));
    t.same([noon(4)?.seriesTitle, noon(5)?.seriesTitle], ['Series b', 'Series b']);
    const next = planInput({
      ...input,
      fromMs: Date.parse('2027-06-01T00:00:00+02:00'),
      toMs: Date.parse('2027-06-08T00:00:00+02:00'),
    });
    t.equal(
      planSchedule(next).entries.find(({ startMs }) => startMs >= Date.parse('2027-06-03T12:00:00+02:00'))?.seriesTitle,
      'Series b',
    );
  },
);

t.test('some episodes of a series in a slot do not move the series on', async (t) => {
  const items = [...episodes('a', 1, 30), ...films(4)].map((item) =>
    item.id === 'a-1-20' ? { ...item, title: 'Christmas with all' } : item,
  );
  const { entries } = planSchedule(
    planInput({ items, rules: rules({ slots: [slot('20:00', '20:30', { choice: choice({ titles: ['christmas'] }) })] }) }),
  );
  const evening = entries.filter(({ fixed }) => fixed);
  t.ok(evening.length === 7 && evening.every(({ item }) => item?.id === 'a-1-20'));
  t.same(
    orderFaults(
      items,
      entries.filter((entry) => !evening.includes(entry)),
    ),
    [],
  );
});

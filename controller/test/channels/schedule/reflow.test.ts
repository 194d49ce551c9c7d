// A schedule that stands, laid anew around a change.
import t from 'tap';
import { rewind } from '../../../src/channels/schedule/hold-back.ts';
import { planSchedule } from '../../../src/channels/schedule/plan-schedule.ts';
import { reflow, skipCurrent } from '../../../src/channels/schedule/reflow.ts';
import type { ScheduleEntry } from '../../../src/channels/schedule-entry.ts';
import { choice, DAY, episodes, film, films, HOUR, MINUTE, MONDAY, planInput, rules } from './fixtures/made-up-catalogue.ts';
import { faultsOf, manual, orderFaults } from './fixtures/random-channel.ts';

const ITEMS = [...films(30, 95), ...episodes('a', 3, 12), ...episodes('b', 3, 12, 40)];
const programmes = (entries: readonly ScheduleEntry[]): readonly (string | undefined)[] =>
  entries.filter(({ kind }) => kind === 'programme').map(({ item }) => item?.id);

t.test(
  'row 84: a manual entry stands where it was put; what preceded it stays, the rest follows in its order, and nothing is lost',
  async (t) => {
    const input = planInput({ items: ITEMS });
    const old = planSchedule(input);
    const put = manual(MONDAY + 2 * DAY + 17_000, MONDAY + 2 * DAY + HOUR);
    const after = { ...input, fixed: [put] };
    const plan = reflow({ ...after, memory: old.memory, old: old.entries });
    t.same(faultsOf(after, plan.entries), []);
    t.same(orderFaults(ITEMS, plan.entries), []);
    const kept = old.entries.filter(({ endMs }) => endMs <= put.startMs);
    t.same(plan.entries.slice(0, kept.length), kept);
    const more = planSchedule({
      ...after,
      memory: JSON.parse(JSON.stringify(plan.memory)),
      fromMs: plan.throughMs,
      toMs: plan.throughMs + DAY,
    });
    const [before, now] = [programmes(old.entries), programmes([...plan.entries, ...more.entries])];
    t.same([...now.slice(0, before.length)].sort(), [...before].sort(), 'the same items');
    t.ok(
      now.slice(kept.length + 6, before.length).every((id, i) => id === before[kept.length + 6 + i]),
      'in the same order, but for what filled the gap',
    );
  },
);

t.test('row 84: a manual entry that is removed leaves no hole; without any change nothing moves', async (t) => {
  const put = manual(MONDAY + DAY, MONDAY + DAY + 3 * HOUR);
  const input = planInput({ items: ITEMS, fixed: [put], rules: rules({ filler: { kind: 'clips' } }), clips: films(3, 0.7, 'c') });
  const old = planSchedule(input);
  t.same(reflow({ ...input, memory: old.memory, old: old.entries }), old);
  const gone = { ...input, fixed: [] };
  const plan = reflow({ ...gone, memory: old.memory, old: old.entries });
  t.same(faultsOf(gone, plan.entries), []);
  t.same(orderFaults(ITEMS, plan.entries), []);
  t.ok(
    plan.entries.every(({ kind }) => kind === 'programme'),
    'and no filler before where it was',
  );
});

t.test('a slot goes on at its time with its own items when a manual entry shifts the day', async (t) => {
  const slots = [{ days: [], start: '20:15', end: '22:00', choice: choice({ series: ['b'] }) }];
  const input = planInput({ items: ITEMS, rules: rules({ slots }) });
  const old = planSchedule(input);
  const after = { ...input, fixed: [manual(MONDAY + 10 * HOUR, MONDAY + 12 * HOUR)] };
  const plan = reflow({ ...after, memory: old.memory, old: old.entries });
  t.same(faultsOf(after, plan.entries), []);
  t.same(orderFaults(ITEMS, plan.entries), []);
  t.equal(plan.entries.filter(({ fixed, seriesTitle }) => fixed && seriesTitle === 'Series b').length, 7);
});

t.test('an item that cannot be played is swapped; what stands before it stays', async (t) => {
  const input = planInput({ items: ITEMS });
  const old = planSchedule(input);
  const dead = old.entries[20]?.item;
  const left = ITEMS.filter(({ id }) => id !== dead?.id);
  const plan = reflow({ ...input, items: left, memory: old.memory, old: old.entries });
  t.same(plan.entries.slice(0, 20), old.entries.slice(0, 20));
  t.same(faultsOf({ ...input, items: left }, plan.entries), []);
  t.same(orderFaults(left, plan.entries), []);
  const none = reflow({ ...input, items: [], memory: old.memory, old: old.entries });
  t.ok(
    none.entries.every(({ kind }) => kind === 'card'),
    'nothing left: cards, no end without',
  );
});

t.test('skipping moves what follows up to the next fixed entry and closes the gap; from there on nothing moves', async (t) => {
  const slots = [{ days: [], start: '20:15', end: '22:00', choice: choice({ kinds: ['movie' as const] }) }];
  const input = planInput({ items: ITEMS, rules: rules({ slots }) });
  const old = planSchedule(input);
  const running = old.entries.find(({ kind, startMs }) => kind === 'programme' && startMs >= MONDAY + 9 * HOUR);
  const now = (running?.startMs ?? Number.NaN) + 5 * MINUTE + 1;
  const later = old.entries.filter(({ startMs }) => startMs > now);
  const plan = skipCurrent({ ...input, memory: old.memory, fromMs: now, old: later });
  const slotMs = Date.parse('2026-06-01T20:15:00+02:00');
  t.equal(plan.entries[0]?.startMs, now + 999, 'the next whole second');
  t.equal(plan.entries[0]?.item?.id, later[0]?.item?.id);
  const [moved, stays] = [
    plan.entries.filter(({ startMs }) => startMs < slotMs),
    plan.entries.filter(({ startMs }) => startMs >= slotMs),
  ];
  t.same(
    stays,
    later.filter(({ startMs }) => startMs >= slotMs),
  );
  t.same(programmes(moved), programmes(later.filter(({ startMs }) => startMs < slotMs)));
  t.equal(moved.at(-1)?.kind, 'card');
  t.same(faultsOf({ ...input, fromMs: now, toMs: old.throughMs }, plan.entries), []);
  t.same(plan.memory, old.memory);
});

t.test('skipping on a channel without fixed entries moves all, and the end grows anew', async (t) => {
  const input = planInput({ items: ITEMS });
  const old = planSchedule(input);
  const later = old.entries.slice(1);
  const plan = skipCurrent({ ...input, memory: old.memory, fromMs: MONDAY + MINUTE, old: later });
  t.same(programmes(plan.entries).slice(0, later.length), programmes(later));
  t.same(faultsOf({ ...input, fromMs: MONDAY + MINUTE }, plan.entries), []);
  t.same(orderFaults(ITEMS, plan.entries), []);
});

t.test('rewound, a channel planned anew goes on in order, with what is new in it, and passes nothing over', async (t) => {
  for (const films of ['shuffled', 'by_title'] as const) {
    const input = planInput({ items: ITEMS, rules: rules({ films }), toMs: MONDAY + 3 * DAY });
    const [first, second] = [planSchedule({ ...input, toMs: MONDAY + DAY }), planSchedule(input)];
    const rest = second.entries.slice(first.entries.length);
    const memory = rewind(second.memory, rest, ITEMS);
    const items = [...ITEMS, ...episodes('new', 1, 10), film('new', 80)];
    const anew = planSchedule({ ...input, items, memory, fromMs: first.throughMs });
    t.ok(anew.entries.some(({ seriesTitle }) => seriesTitle === 'Series new'));
    t.same(orderFaults(items, [...first.entries, ...anew.entries]), []);
    const aired = programmes([...first.entries, ...anew.entries]).filter((id) => id?.startsWith('f'));
    t.equal(new Set(aired.slice(0, 25)).size, Math.min(25, aired.length), `${films}: no film is passed over or comes twice`);
  }
});

// What the guide shows of a schedule.
import t from 'tap';
import { guideProgrammes } from '../../../src/channels/guide/guide-programmes.ts';
import type { ScheduleEntry } from '../../../src/channels/schedule-entry.ts';
import { entry, MINUTE, NOW } from './fixtures/home.ts';

const shown = (entries: readonly ScheduleEntry[]) =>
  guideProgrammes(entries).map(({ startMs, endMs, entry: one }) => [
    one?.id ?? null,
    (startMs - NOW) / MINUTE,
    (endMs - NOW) / MINUTE,
  ]);
const clip = (id: string, minutes: readonly [number, number]): ScheduleEntry => entry(id, minutes, { kind: 'clip' });
const card = (id: string, minutes: readonly [number, number]): ScheduleEntry => entry(id, minutes, { kind: 'card', item: null });

t.test('clips, cards, stills and shows under five minutes go into the programme before them', async (t) => {
  const still = entry('s', [33, 7], { kind: 'still', item: null });
  t.same(
    shown([entry('a', [0, 25]), clip('x', [25, 4]), entry('short', [29, 4]), still, card('c', [40, 5]), entry('b', [45, 30])]),
    [
      ['a', 0, 45],
      ['b', 45, 75],
    ],
  );
  t.same(shown([entry('five', [0, 5]), entry('less', [5, 4.9])]), [['five', 0, 9.9]]);
});

t.test('a real gap stays one, and filler after it is nobody’s', async (t) => {
  t.same(shown([entry('a', [0, 25]), card('c', [60, 10]), entry('b', [70, 30])]), [
    ['a', 0, 25],
    [null, 60, 70],
    ['b', 70, 100],
  ]);
});

t.test('a clip alone after a gap is what it is', async (t) => {
  t.same(shown([clip('x', [0, 4])]), [['x', 0, 4]]);
});

t.test('a channel of small things has a line an hour, and a long card does not make a film last all night', async (t) => {
  const clips = Array.from({ length: 40 }, (_, index) => clip(`m${index}`, [index * 4, 4]));
  t.same(shown(clips), [
    [null, 0, 60],
    [null, 60, 120],
    [null, 120, 160],
  ]);
  t.same(shown([entry('film', [0, 90]), card('night', [90, 300])]), [
    ['film', 0, 90],
    [null, 90, 390],
  ]);
});

t.test('wherever the reading begins, programmes keep their starts: a moved one is a new item for Jellyfin', async (t) => {
  const row: ScheduleEntry[] = [];
  // A day of all kinds in an order without a pattern, none longer than half an hour.
  for (let minute = -1440, turn = 1; minute < 1440; turn = (turn * 7919) % 10_007) {
    const length = 2 + (turn % 29);
    row.push((turn % 3 === 0 ? clip : turn % 5 === 0 ? card : entry)(`e${minute}`, [minute, length]));
    minute += length;
  }
  const whole = shown(row).filter(([, start]) => Number(start) >= 0);
  for (const from of [-1000, -700, -333, -130]) {
    const part = shown(row.filter(({ endMs }) => endMs > NOW + from * MINUTE)).filter(([, start]) => Number(start) >= 0);
    t.same(part, whole, `from ${from} min`);
  }
});

t.test('what follows is gap-free where the schedule is', async (t) => {
  const row = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? entry : clip)(`e${index}`, [index * 10, 10]));
  const programmes = guideProgrammes(row);
  for (const [index, { startMs }] of programmes.entries())
    if (index > 0) t.equal(startMs, programmes[index - 1]?.endMs, String(index));
  t.equal(programmes.at(-1)?.endMs, row.at(-1)?.endMs);
});

// What stands between programmes.
import t from 'tap';
import { planSchedule } from '../../../src/channels/schedule/plan-schedule.ts';
import { choice, DAY, film, films, HOUR, MINUTE, MONDAY, planInput, rules } from './fixtures/made-up-catalogue.ts';
import { faultsOf, manual } from './fixtures/random-channel.ts';

const lengths = (entries: readonly { startMs: number; endMs: number }[]): readonly number[] =>
  entries.map(({ startMs, endMs }) => (endMs - startMs) / 1000);

t.test(
  'row 168: a gap of 90 s is filled exactly, by clips (the longest that fits first, the last one cut), a still or a card',
  async (t) => {
    const gap = (
      kind: 'clips' | 'still' | 'card' | 'next_show',
      clips = [film('c40', 40 / 60), film('c60', 1), film('c200', 200 / 60)],
    ) => {
      const fixed = [manual(MONDAY + HOUR + 90_000, MONDAY + 2 * HOUR)];
      const input = planInput({
        items: films(4, 60),
        clips,
        fixed,
        rules: rules({ filler: { kind } }),
        toMs: MONDAY + HOUR + 90_000,
      });
      const { entries } = planSchedule(input);
      t.same(faultsOf(input, entries), [], kind);
      return entries.slice(1);
    };
    const clips = gap('clips');
    t.same(
      clips.map(({ kind, item, fromMs }) => [kind, item?.id, fromMs]),
      [
        ['clip', 'c60', 0],
        ['clip', clips[1]?.item?.id, 0],
      ],
    );
    t.same(lengths(clips), [60, 30]);
    t.same(lengths(gap('still')), [90]);
    t.equal(gap('still')[0]?.kind, 'still');
    t.same(
      gap('card').map(({ kind, item, title }) => [kind, item, title]),
      [['card', null, 'Intermission']],
    );
    t.equal(gap('next_show')[0]?.kind, 'card', 'nothing fits: there must be something');
    t.equal(gap('clips', [])[0]?.kind, 'card', 'no clips');
  },
);

t.test('row 168: next show at once: without anything fixed there is no filler at all', async (t) => {
  const { entries } = planSchedule(planInput({ items: films(9, 55), rules: rules({ filler: { kind: 'next_show' } }) }));
  t.ok(entries.every(({ kind }) => kind === 'programme'));
});

t.test('clips vary, however few; of very many in one gap the rest is a card', async (t) => {
  const clips = Array.from({ length: 6 }, (_, i) => film(`c${i}`, 0.5 + i / 60));
  const fixed = [manual(MONDAY + 30 * MINUTE, MONDAY + HOUR)];
  const input = planInput({ items: [], clips, fixed, rules: rules({ filler: { kind: 'clips' } }), toMs: MONDAY + 30 * MINUTE });
  const run = planSchedule(input).entries.map(({ item }) => item?.id);
  t.ok(run.every((id, i) => !run.slice(Math.max(0, i - 2), i).includes(id)));
  const short = { ...input, clips: [film('s', 1 / 60)], fixed: [], toMs: MONDAY + DAY };
  const { entries } = planSchedule(short);
  t.same(faultsOf(short, entries), []);
  t.ok(entries.length < 1_500);
});

t.test('padding: programmes begin on the half hour of the wall, also where the wall is half an hour off', async (t) => {
  for (const zone of ['Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
    const input = planInput({
      items: films(9, 47),
      zone,
      rules: rules({ filler: { kind: 'card', padToMinutes: 30 } }),
      fromMs: MONDAY + 7 * MINUTE,
      toMs: MONDAY + DAY,
    });
    const { entries } = planSchedule(input);
    t.same(faultsOf(input, entries), []);
    const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, minute: '2-digit' });
    t.ok(
      entries.filter(({ kind }) => kind === 'programme').every(({ startMs }) => Number(wall.format(startMs)) % 30 === 0),
      zone,
    );
  }
  const odd = planInput({
    items: films(9, 47),
    rules: rules({ slots: [{ days: [], start: '20:15', end: '21:00', choice: choice() }], filler: { padToMinutes: 30 } }),
    toMs: MONDAY + DAY,
  });
  const { entries } = planSchedule(odd);
  t.equal(entries.find(({ fixed }) => fixed)?.startMs, Date.parse('2026-06-01T20:15:00+02:00'), 'a slot begins at its own time');
});

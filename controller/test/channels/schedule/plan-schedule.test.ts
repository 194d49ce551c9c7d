// What airs when, by itself.
import t from 'tap';
import { itemKey } from '../../../src/channels/catalogue-item.ts';
import { planSchedule } from '../../../src/channels/schedule/plan-schedule.ts';
import { selectItems } from '../../../src/channels/schedule/select-items.ts';
import type { ScheduleEntry } from '../../../src/channels/schedule-entry.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import {
  DAY,
  episode,
  episodes,
  film,
  films,
  HOUR,
  library,
  MONDAY,
  planInput,
  rules,
  selection,
} from './fixtures/made-up-catalogue.ts';
import { faultsOf, orderFaults } from './fixtures/random-channel.ts';

const ids = (entries: readonly ScheduleEntry[]): readonly string[] => entries.map(({ item, kind }) => item?.id ?? kind);
const MIXED = [...films(40), ...episodes('a', 3, 12), ...episodes('b', 2, 9, 45)];

t.test('row 76, row 85: seven days without gap or overlap, each end the next start, whole seconds', async (t) => {
  const input = planInput({
    items: MIXED.map((item, i) => ({ ...item, durationMs: item.durationMs + i * 77 })),
    fromMs: MONDAY + 1,
  });
  const { entries, throughMs } = planSchedule(input);
  t.same(faultsOf(input, entries), []);
  for (const [i, entry] of entries.slice(1).entries()) if (entry.startMs !== entries[i]?.endMs) t.fail(`gap at ${i}`);
  t.equal(entries[0]?.startMs, MONDAY + 1000, 'the next whole second');
  t.ok(throughMs >= input.toMs);
  t.ok(
    entries.every(({ kind }) => kind === 'programme'),
    'nothing but programmes where nothing is fixed',
  );
});

t.test('row 82, row 83: every entry carries a wanted genre, and both libraries air', async (t) => {
  const genres = [
    { genre: 'Comedy', contentType: 'episode' as const },
    { genre: 'Drama', contentType: 'movie' as const },
  ];
  const odd = [...MIXED, film('odd', 90, { genres: ['Horror'] }), episode('c', 1, 1, { genres: ['Drama'] })];
  const items = selectItems(odd, selection({ libraries: [library('films'), library('series')], genres }));
  const { entries } = planSchedule(planInput({ items }));
  t.ok(entries.every(({ genres: own, season }) => own.includes(season === null ? 'Drama' : 'Comedy')));
  t.same(new Set(entries.map(({ item }) => item?.libraryId)), new Set(['films', 'series']));
});

t.test('row 100: an entry says all about its item; its end is its start and the running time', async (t) => {
  const item = episode('a', 2, 3, { durationMs: 1_500_001, genres: ['Comedy', 'Family'] });
  const { entries } = planSchedule(planInput({ items: [item], toMs: MONDAY + HOUR }));
  t.same(entries[0], {
    id: `7-${(MONDAY / 1000).toString(36)}`,
    channelId: 7,
    startMs: MONDAY,
    endMs: MONDAY + 1_501_000,
    kind: 'programme',
    origin: 'auto',
    title: 'Episode 3',
    seriesTitle: 'Series a',
    season: 2,
    episode: 3,
    item: { server: 'home', id: 'a-2-3', libraryId: 'series' },
    fromMs: 0,
    genres: ['Comedy', 'Family'],
    fixed: false,
  });
});

t.test('row 129: a plan goes on where the last one ended, else it begins now; by days it is what it is at once', async (t) => {
  const input = planInput({ items: MIXED });
  const whole = planSchedule(input);
  const first = planSchedule({ ...input, toMs: MONDAY + DAY });
  const second = planSchedule({ ...input, fromMs: first.throughMs, memory: JSON.parse(JSON.stringify(first.memory)) });
  t.equal(first.entries[0]?.startMs, MONDAY);
  t.equal(second.entries[0]?.startMs, first.entries.at(-1)?.endMs);
  t.same([...first.entries, ...second.entries], whole.entries);
  t.same(second.memory, whole.memory);
  t.same(planSchedule({ ...input, items: MIXED.toReversed() }).entries, whole.entries, 'in whatever order the items come');
});

t.test('row 131: episodes keep their order over rounds and restarts; specials come last', async (t) => {
  const items = [episode('a', 0, 1), ...episodes('a', 2, 3), ...episodes('b', 1, 4), ...episodes('c', 1, 5)];
  const input = planInput({ items: [...items].sort((a, b) => (itemKey(a) > itemKey(b) ? -1 : 1)) });
  const { entries, memory, throughMs } = planSchedule(input);
  const more = planSchedule({ ...input, memory: JSON.parse(JSON.stringify(memory)), fromMs: throughMs, toMs: throughMs + DAY });
  const all = [...entries, ...more.entries];
  t.same(orderFaults(items, all), []);
  const ofA = ids(all).filter((id) => id.startsWith('a-'));
  t.same(ofA.slice(0, 8), ['a-1-1', 'a-1-2', 'a-1-3', 'a-2-1', 'a-2-2', 'a-2-3', 'a-0-1', 'a-1-1']);
  const series = ids(all).map((id) => id.slice(0, 1));
  t.ok(
    series.slice(3).every((one, i) => one === series[i]),
    'three series by turns',
  );
});

t.test('row 131: a block of two; episodes that come and go in between disturb no order', async (t) => {
  const input = planInput({
    items: [...episodes('a', 1, 8), ...episodes('b', 1, 8)],
    rules: rules({ block: 2 }),
    toMs: MONDAY + 5 * 25 * 60_000,
  });
  const first = planSchedule(input);
  const [one = '', , other = ''] = ids(first.entries).map((id) => id.slice(0, 1));
  t.same(ids(first.entries), [`${one}-1-1`, `${one}-1-2`, `${other}-1-1`, `${other}-1-2`, `${one}-1-3`]);
  const changed = [
    ...input.items.filter(({ id }) => id !== `${one}-1-3` && id !== `${one}-1-1`),
    ...episodes('0', 1, 3),
    episode(other, 1, 0),
  ];
  const next = planSchedule({
    ...input,
    items: changed,
    memory: first.memory,
    fromMs: first.throughMs,
    toMs: first.throughMs + 10 * 25 * 60_000,
  });
  t.equal(ids(next.entries)[0], `${one}-1-4`, 'the second of the block');
  t.same(
    ids(next.entries)
      .filter((id) => id.startsWith(other))
      .slice(0, 2),
    [`${other}-1-3`, `${other}-1-4`],
  );
});

t.test(
  'row 130, row 132: each film once a round, none again within N/2 places, over the edges of rounds and when films come and go',
  async (t) => {
    for (const count of [1, 2, 3, 4, 7, 30]) {
      const { entries } = planSchedule(planInput({ items: films(count, 30), seed: count }));
      const run = ids(entries);
      for (let i = 0; i + count <= run.length; i += count) t.equal(new Set(run.slice(i, i + count)).size, count, 'a round');
      t.ok(nearest(run) > Math.floor(count / 2), `${count} films: nearest ${nearest(run)}`);
    }
    const random = seededRandom(3);
    let [memory, fromMs, pool]: [ReturnType<typeof planSchedule>['memory'] | null, number, ReturnType<typeof films>] = [
      null,
      MONDAY,
      films(40, 30),
    ];
    const run: string[] = [];
    for (let day = 0; day < 20; day += 1) {
      const plan = planSchedule(planInput({ items: pool, memory, fromMs, toMs: fromMs + 9 * HOUR }));
      run.push(...ids(plan.entries));
      [memory, fromMs] = [plan.memory, plan.throughMs];
      pool = [...pool.filter(() => random() > 0.1), ...films(4, 30, `new${day}-`)].slice(0, 40);
    }
    t.ok(nearest(run) > 16, `of about 40: nearest ${nearest(run)}`);
  },
);

/** The least distance of two alike. */
function nearest(run: readonly string[]): number {
  const last = new Map<string, number>();
  let least = Number.POSITIVE_INFINITY;
  for (const [i, id] of run.entries()) {
    least = Math.min(least, i - (last.get(id) ?? Number.NEGATIVE_INFINITY));
    last.set(id, i);
  }
  return least;
}

t.test('films by year and by title, over and over', async (t) => {
  const items = [film('c', 60, { year: 1990 }), film('a', 60, { year: 2001 }), film('b', 60, { year: null })];
  const run = (order: 'by_year' | 'by_title') =>
    ids(planSchedule(planInput({ items, rules: rules({ films: order }), toMs: MONDAY + 5 * HOUR })).entries);
  t.same(run('by_year'), ['c', 'a', 'b', 'c', 'a']);
  t.same(run('by_title'), ['a', 'b', 'c', 'a', 'b']);
});

t.test('films and series each have their share of the running time; another seed is another line-up', async (t) => {
  const items = [...films(30, 100), ...episodes('a', 4, 10, 25), ...episodes('b', 4, 10, 50)];
  const { entries } = planSchedule(planInput({ items }));
  const share = entries.filter(({ season }) => season === null).reduce((ms, one) => ms + one.endMs - one.startMs, 0) / (7 * DAY);
  t.ok(Math.abs(share - 0.5) < 0.02, `${share} of half`);
  t.not(ids(entries).join(), ids(planSchedule(planInput({ items, seed: 2 })).entries).join());
  const shuffled = ids(planSchedule(planInput({ items, rules: rules({ series: 'shuffled' }) })).entries);
  t.ok(orderFaults(items, planSchedule(planInput({ items, rules: rules({ series: 'shuffled' }) })).entries).length > 10);
  t.ok(nearest(shuffled.filter((id) => id.includes('-'))) > 40, 'shuffled episodes keep their distance too');
});

t.test('row 133: nothing to air is a card, one item airs on and on, ten hours and half minutes do no harm', async (t) => {
  const none = planInput({ items: [] });
  const card = planSchedule(none);
  t.same(faultsOf(none, card.entries), []);
  t.ok(card.entries.every(({ kind, endMs, startMs }) => kind === 'card' && endMs - startMs <= 6 * HOUR));
  for (const items of [
    films(1),
    films(1, 600),
    films(3_000, 31 / 60),
    [film('zero', 0)],
    [film('broken', 1, { durationMs: Number.NaN })],
  ]) {
    const input = planInput({
      items: selectItems(items, selection({ libraries: [library('films')] })),
      rules: rules({ filler: { kind: 'clips' } }),
    });
    t.same(faultsOf(input, planSchedule(input).entries), []);
  }
});

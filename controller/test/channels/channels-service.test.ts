// Channels and their schedules: made, changed, extended by themselves, kept over restarts.
import { sql } from 'kysely';
import t from 'tap';
import { itemKey } from '../../src/channels/catalogue-item.ts';
import { updateBody } from '../../src/channels/channels-api.ts';
import type { ScheduleEntry } from '../../src/channels/schedule-entry.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import {
  body,
  bothLibraries,
  DAY,
  episodes,
  film,
  HOUR,
  MINUTE,
  openChannels,
  START,
  testLibraries,
  usual,
} from './open-channels.ts';

const change = (more: Record<string, unknown>) => updateBody.parse(more);
const isGapFree = (entries: readonly ScheduleEntry[]): boolean =>
  entries.every(({ endMs }, i) => endMs === (entries[i + 1]?.startMs ?? endMs));
const names = (entries: readonly ScheduleEntry[]): string[] => entries.map(({ item }) => item?.id ?? '');

t.test(
  'rows 75, 76, 82, 83, 85, 96, 100: a new channel has more than 7 days without a gap or an overlap, from all its libraries',
  async (t) => {
    await using home = await openChannels(t);
    const { channels } = home;
    const { id } = await channels.create(body({ genre_filters: [{ genre: 'Horror' }] }));
    const entries = await channels.entries(id, START - 3 * HOUR, START + 30 * DAY);
    t.equal(entries[0]?.startMs, START, 'row 129: from now where nothing was planned');
    t.ok((entries.at(-1)?.endMs ?? 0) >= START + 7 * DAY);
    t.ok(isGapFree(entries));
    t.ok(entries.every(({ startMs, endMs }) => endMs > startMs));
    t.ok(entries.every(({ genres }) => genres.includes('Horror')));
    t.same([...new Set(entries.map(({ item }) => item?.libraryId))].sort(), ['films', 'shows']);
    t.equal(channels.state(id).throughMs, entries.at(-1)?.endMs);
    t.same(await home.stores.schedule.entry(entries[3]?.id ?? ''), entries[3], 'every field comes back');
    const again = await channels.generate(id, { days: 2, reset: false });
    const longer = await channels.entries(id, START, START + 60 * DAY);
    t.ok(again > 0 && isGapFree(longer), 'row 112: appended without an overlap');
    t.equal(longer.length, entries.length + again, 'row 129: from where the last planning ended');
    t.same(longer.slice(0, entries.length), entries);
  },
);

t.test('row 77: after a restart the entries are the same to the byte', async (t) => {
  const folder = t.testdir();
  const clock = createFakeClock(START);
  const first = await openChannels(t, { folder, clock });
  const { id } = await first.channels.create(body());
  const before = await first.channels.entries(id, START, START + 9 * DAY);
  await first.close();
  await using second = await openChannels(t, { folder, clock });
  t.same(await second.channels.entries(id, START, START + 9 * DAY), before);
  t.match(second.channels.get(id), {
    name: 'One',
    number: '100.1',
    selection: { libraries: [{ id: 'films' }, { id: 'shows' }] },
  });
  await clock.advance(10 * MINUTE);
  const [one, other] = await Promise.all([second.channels.now(id), second.channels.now(id)]);
  t.same(one, other, 'two who ask at one time see one thing');
});

t.test('rows 81, 141, 97: over 30 days never less than 7 days stand, series keep their order, updated_at stays', async (t) => {
  const clock = createFakeClock(Date.UTC(2026, 9, 10, 6)); // over the end of summer time
  await using home = await openChannels(t, { clock });
  const { channels } = home;
  const { id } = await channels.create(body());
  const stop = new AbortController();
  const running = channels.run(stop.signal);
  const seen = new Map<string, ScheduleEntry>();
  // The database's work takes real time, the clock none: after each run of the job its end is waited for.
  const jobDone = async (): Promise<void> => {
    while (channels.jobs()[0]?.running === true) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  let least = Number.POSITIVE_INFINITY;
  for (let night = 0; night < 30; night += 1) {
    const { nextRun } = channels.jobs()[0] ?? {};
    await clock.advance((nextRun ?? 0) - 1 - clock.now());
    least = Math.min(least, (channels.state(id).throughMs ?? 0) - clock.now());
    for (const entry of await channels.entries(id, clock.now() - 1.1 * DAY, clock.now())) seen.set(entry.id, entry);
    await clock.advance(1);
    await jobDone();
  }
  stop.abort();
  await running;
  t.ok(least >= 7 * DAY, `${least / HOUR} h`);
  const aired = [...seen.values()].sort((a, b) => a.startMs - b.startMs);
  t.ok(isGapFree(aired), 'row 85: each end is the next start');
  const parts = aired.filter(({ seriesTitle }) => seriesTitle === 'Series a').map(({ item }) => Number(item?.id.split('-')[1]));
  t.ok(parts.length > 30, 'more than one round');
  t.ok(
    parts.every((part, i) => i === 0 || part === ((parts[i - 1] ?? 0) % 30) + 1),
    'row 131: in order over all nights',
  );
  t.equal(channels.get(id).updatedAt, channels.get(id).createdAt);
  t.match(channels.jobs(), [], 'no job once it ended');
});

t.test(
  'rows 87, 158: the job is listed with its next run at 2:00 of the home; without the scheduler there is none',
  async (t) => {
    await using home = await openChannels(t);
    const stop = new AbortController();
    const running = home.channels.run(stop.signal);
    t.same(home.channels.jobs(), [{ name: 'nightly', nextRun: Date.UTC(2026, 10, 22, 1), lastRun: null, running: false }]);
    stop.abort();
    await running;
    await using off = await openChannels(t, { scheduler: false, folder: t.testdir({ off: {} }) });
    const { id } = await off.channels.create(body());
    const through = off.channels.state(id).throughMs;
    await off.channels.run(new AbortController().signal);
    await off.clock.advance(3 * DAY);
    t.same(off.channels.jobs(), []);
    t.equal(off.channels.state(id).throughMs, through);
  },
);

t.test('row 109: Jellyfin down: the channel is kept, the reason told, and the schedule follows when it is back', async (t) => {
  await using home = await openChannels(t);
  const { channels, libraries, clock } = home;
  libraries.state.down = true;
  const { id } = await channels.create(body());
  t.match(channels.state(id), { throughMs: null, problem: /connection refused/ });
  t.equal(await channels.now(id), null);
  await channels.topUp(false);
  t.equal(home.events.filter(({ type }) => type === 'channel_unplanned').length, 1, 'told once');
  libraries.state.down = false;
  await clock.advance(MINUTE);
  await channels.topUp(false);
  t.equal(channels.state(id).problem, null);
  t.not(await channels.now(id), null);
  libraries.state.down = true;
  const other = await channels.create(body({ name: 'Two', libraries: [{ library_id: 'attic', library_name: 'Attic' }] }));
  libraries.state.down = false;
  libraries.state.items = [...libraries.state.items, film('old', { libraryId: 'attic' })];
  await channels.serverBack('main');
  t.equal(channels.state(other.id).problem, null, 'at once when it is heard of again');
});

t.test('a Jellyfin that is down for days takes nothing off: what was read last is on disk', async (t) => {
  const folder = t.testdir();
  const clock = createFakeClock(START);
  const libraries = testLibraries();
  const first = await openChannels(t, { folder, clock, libraries });
  const { id } = await first.channels.create(body());
  await first.close();
  libraries.state.down = true;
  await clock.advance(3 * DAY);
  await using second = await openChannels(t, { folder, clock, libraries });
  await second.channels.topUp(true);
  t.equal(second.channels.state(id).problem, null);
  t.ok((second.channels.state(id).throughMs ?? 0) > clock.now() + 8 * DAY);
  t.match(second.channels.catalogue(), [{ id: 'films', items: 20, readAtMs: START, problem: /refused/ }, { id: 'shows' }]);
});

t.test('row 102: a deleted channel leaves no row in any table, and its id never comes back', async (t) => {
  await using home = await openChannels(t);
  const { channels, db } = home;
  const full = body({
    genre_filters: [{ genre: 'Horror' }],
    exclusions: [{ id: 'f1' }],
    sources: [{ kind: 'series', id: 'a', name: 'A' }],
  });
  const { id } = await channels.create(full);
  const tables = [
    'channels',
    'channel_libraries',
    'channel_genres',
    'channel_exclusions',
    'channel_sources',
    'channel_schedules',
    'schedule_entries',
  ];
  const counts = async () => {
    const found: number[] = [];
    for (const table of tables) {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db);
      found.push(Number(rows[0]?.n));
    }
    return found;
  };
  t.ok((await counts()).every((count) => count > 0));
  await channels.remove(id);
  t.same(
    await counts(),
    tables.map(() => 0),
  );
  const next = await channels.create(body());
  t.equal(next.id, id + 1);
  t.equal(next.number, `100.${id + 1}`, 'row 92: 100.<id>');
  t.throws(() => channels.get(id), { code: 'not_found' });
  await t.rejects(channels.remove(id), { code: 'not_found' });
});

t.test('row 101: what is on is found by the index', async (t) => {
  await using home = await openChannels(t);
  const { rows } = await sql<{ detail: string }>`
    explain query plan select * from schedule_entries where channel_id = 1 and start_ms <= 5 order by start_ms desc limit 1
  `.execute(home.db);
  t.match(rows[0]?.detail, /USING INDEX schedule_entries_channel_start/);
});

t.test('rows 92, 110: numbers are unique; each field changes alone, given lists replace', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body());
  await channels.create(body({ name: 'Two', channel_number: '7.2' }));
  await t.rejects(channels.create(body({ channel_number: '7.2' })), {
    code: 'conflict',
    message: /channel_number: 7.2 is taken by "Two"/,
  });
  await t.rejects(channels.update(id, change({ channel_number: '7.2' })), { code: 'conflict' });
  t.same(
    channels.all().map(({ number }) => number),
    ['7.2', '100.1'],
  );
  await clock.advance(1_000);
  for (const [field, value, expected] of [
    ['name', 'Uno', { name: 'Uno' }],
    ['description', 'all of it', { description: 'all of it' }],
    ['enabled', false, { enabled: false }],
    ['group', 'Kids', { group: 'Kids' }],
    ['channel_number', '12', { number: '12' }],
    ['tags', ['x'], { selection: { tags: ['x'] } }],
    ['libraries', bothLibraries.slice(0, 1), { selection: { libraries: [{ id: 'films', server: 'main' }] } }],
    ['rules', { block: 3 }, { rules: { block: 3, series: 'in_order', films: 'shuffled' } }],
    ['picture', { fps: 50 }, { look: { fps: 50, size: 'small' } }],
  ] as const) {
    const before = channels.get(id);
    const after = await channels.update(id, change({ [field]: value }));
    t.match(after, expected, field);
    t.equal(after.selection.libraries.length, field === 'libraries' || before.selection.libraries.length === 1 ? 1 : 2);
  }
  const last = channels.get(id).updatedAt;
  await clock.advance(1_000);
  await channels.update(id, change({ name: 'Uno' }));
  t.equal(channels.get(id).updatedAt, last, 'row 97: nothing changed');
});

t.test('rows 82, 99, 167: another choice plans anew from the end of what is on; the excluded never air', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body());
  await clock.advance(10 * MINUTE);
  const on = await channels.now(id);
  const heard: number[] = [];
  channels.onScheduleChange((_, fromMs) => heard.push(fromMs));
  await channels.update(
    id,
    change({ genre_filters: [{ genre: 'Drama', content_type: 'episode' }], exclusions: [{ id: 'a-4' }] }),
  );
  t.same(await channels.now(id).then((one) => one?.entry), on?.entry, 'nobody is torn from what is on');
  t.same(heard, [on?.entry.endMs]);
  const rest = (await channels.entries(id, START, START + 30 * DAY)).slice(1);
  t.ok(rest.length > 200 && isGapFree(rest));
  t.ok(rest.every(({ seriesTitle }) => seriesTitle === 'Series a'));
  t.notOk(names(rest).includes('a-4'));
});

t.test('row 98 and ruling 8: series and collections beside libraries', async (t) => {
  await using home = await openChannels(t, {
    items: [...usual(), film('c1', { libraryId: 'best' }), film('f2', { libraryId: 'best' })],
  });
  const { id } = await home.channels.create(
    body({
      libraries: [],
      sources: [{ kind: 'collection', id: 'best', name: 'Best' }],
    }),
  );
  const entries = await home.channels.entries(id, START, START + DAY);
  t.same([...new Set(names(entries))].sort(), ['c1', 'f2']);
});

t.test('row 130: an item of two libraries comes once a round', async (t) => {
  const items = Array.from({ length: 6 }, (_, i) => [film(`x${i}`), film(`x${i}`, { libraryId: 'more' })]).flat();
  await using home = await openChannels(t, { items });
  const { id } = await home.channels.create(
    body({ libraries: [...bothLibraries.slice(0, 1), { library_id: 'more', library_name: 'More' }] }),
  );
  const entries = await home.channels.entries(id, START, START + 9 * HOUR);
  t.same(names(entries).sort(), ['x0', 'x1', 'x2', 'x3', 'x4', 'x5']);
});

t.test('row 168: clips of a library fill up to the half hour, to the second', async (t) => {
  const clips = [20, 45, 70].map((seconds) => film(`clip${seconds}`, { libraryId: 'clips', durationMs: seconds * 1_000 }));
  await using home = await openChannels(t, { items: [...usual(), ...clips] });
  const filler = { kind: 'clips', from: [{ id: 'clips', name: 'Clips' }], pad_to_minutes: 30 };
  const { id } = await home.channels.create(body({ rules: { filler } }));
  const entries = await home.channels.entries(id, START, START + 2 * DAY);
  t.ok(isGapFree(entries));
  const [programmes, fillers] = [
    entries.filter(({ kind }) => kind === 'programme'),
    entries.filter(({ kind }) => kind === 'clip'),
  ];
  t.ok(programmes.length > 20 && programmes.every(({ startMs }) => startMs % (30 * MINUTE) === 0));
  t.ok(fillers.length > 20 && fillers.every(({ item }) => item?.libraryId === 'clips'));
  t.notOk(names(programmes).some((name) => name.startsWith('clip')));
});

t.test('a preview is what is saved with its seed and start', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const preview = await channels.preview(body({ seed: undefined }), 7);
  await clock.advance(90_000);
  const { id } = await channels.create(body({ seed: preview.seed, start_at: new Date(preview.startMs).toISOString() }));
  const saved = await channels.entries(id, START, preview.entries.at(-1)?.endMs ?? 0);
  const facts = (entries: readonly ScheduleEntry[]) => entries.map(({ id: _, channelId: __, ...rest }) => rest);
  t.same(facts(saved), facts(preview.entries));
  t.equal(channels.all().length, 1, 'a preview saves nothing');
});

t.test('ruling 9: skip ends what is on for all, the rest closes up; with slots only when forced', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body());
  await clock.advance(10 * MINUTE + 300);
  const before = await channels.entries(id, START, START + DAY);
  const heard: number[] = [];
  channels.onScheduleChange((_, fromMs) => heard.push(fromMs));
  await channels.skip(id, false);
  await clock.advance(1_000);
  const on = await channels.now(id);
  t.equal(on?.entry.item?.id, before[1]?.item?.id);
  t.equal(on?.entry.startMs, START + 10 * MINUTE + 1_000);
  t.same(heard, [START + 10 * MINUTE + 1_000]);
  const after = await channels.entries(id, START, START + 20 * HOUR);
  t.ok(isGapFree(after));
  t.same(names(after).slice(0, 8), names(before).slice(0, 8), 'the same items, earlier');
  await channels.update(id, change({ rules: { slots: [{ start: '20:15', end: '22:00', choice: { genres: ['Horror'] } }] } }));
  await t.rejects(channels.skip(id, false), { code: 'conflict', message: /slots/ });
  t.not(await channels.skip(id, true), null);
});

t.test('items that are gone, or that the nightly probe cannot play, are swapped before they air', async (t) => {
  const probed: string[] = [];
  await using home = await openChannels(t, {
    probeItem: async ({ id, path }) => {
      probed.push(`${id} ${path}`);
      return { ok: id !== 'f3', problem: id === 'f3' ? 'moov atom not found' : null, media: null, gainDb: -2 };
    },
  });
  const { channels, libraries, clock, events, stores } = home;
  const films = { ...body({ libraries: bothLibraries.slice(0, 1) }) };
  const { id } = await channels.create(films);
  const stop = new AbortController();
  const running = channels.run(stop.signal);
  for (let tries = 0; tries < 200 && !events.some(({ type }) => type === 'items_swapped'); tries += 1) {
    await clock.settle();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const coming = async () => (await channels.entries(id, clock.now(), START + 30 * DAY)).slice(1);
  t.ok(probed.includes('f3 /films/f3.mkv'));
  t.notOk(names(await coming()).includes('f3'));
  t.match(await stores.probes.get({ server: 'main', id: 'f4' }), { ok: true, gainDb: -2 });
  libraries.state.items = libraries.state.items.filter((item) => item.id !== 'f5');
  await channels.topUp(true);
  t.notOk(names(await coming()).includes('f5'));
  t.ok(isGapFree(await coming()));
  libraries.state.items = [];
  await channels.topUp(true);
  t.ok((await coming()).length > 50, 'a library that is empty all at once takes nothing off');
  stop.abort();
  await running;
});

t.test('a server where everything fails is in trouble: nothing is taken off', async (t) => {
  await using home = await openChannels(t, {
    probeItem: async () => ({ ok: false, problem: 'Input/output error', media: null, gainDb: 0 }),
  });
  const { channels, stores } = home;
  const { id } = await channels.create(body());
  const before = await channels.entries(id, START, START + 30 * DAY);
  const stop = new AbortController();
  const running = channels.run(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop.abort();
  await running;
  t.equal(stores.probes.failing().size, 0);
  t.same(await channels.entries(id, START, START + 30 * DAY), before);
});

t.test('old entries go after 14 days', async (t) => {
  await using home = await openChannels(t, { items: episodes('a', 30) });
  const { channels, clock } = home;
  const { id } = await channels.create(body({ libraries: bothLibraries.slice(1) }));
  await clock.advance(16 * DAY);
  await channels.topUp(false);
  const [first] = await channels.entries(id, 0, clock.now() + 30 * DAY);
  t.ok((first?.endMs ?? 0) >= clock.now() - 14 * DAY - HOUR);
  t.equal(itemKey({ server: 'main', id: 'a' }), 'main/a');
});

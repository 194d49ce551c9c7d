// Entries by hand: they stand, automatic ones flow around them.
import t from 'tap';
import { updateBody } from '../../src/channels/channels-api.ts';
import type { ScheduleEntry } from '../../src/channels/schedule-entry.ts';
import { entryBody, entryChange } from '../../src/channels/schedules-api.ts';
import { body, DAY, HOUR, MINUTE, openChannels, START } from './open-channels.ts';

const at = (ms: number): string => new Date(ms).toISOString();
const isGapFree = (entries: readonly ScheduleEntry[]): boolean =>
  entries.every(({ endMs }, i) => endMs === (entries[i + 1]?.startMs ?? endMs));
const entry = (channel: number, more: Record<string, unknown> = {}) =>
  entryBody.parse({ channel_id: channel, media_item_id: 'f1', start_time: at(START + 5 * HOUR), ...more });

t.test('rows 84, 100: a manual entry wins over automatic ones, which flow around it without gap or overlap', async (t) => {
  await using home = await openChannels(t);
  const { channels } = home;
  const { id } = await channels.create(body({ rules: { filler: { kind: 'card' } } }));
  const before = await channels.entries(id, START, START + 7 * DAY);
  const made = await channels.addEntry(entry(id, { duration: 3_600, title: 'Birthday', genres: ['Family'], episode_number: 4 }));
  t.match(made, {
    startMs: START + 5 * HOUR,
    endMs: START + 6 * HOUR,
    origin: 'manual',
    title: 'Birthday',
    genres: ['Family'],
    episode: 4,
  });
  const after = await channels.entries(id, START, START + 7 * DAY);
  t.same(
    after.find(({ origin }) => origin === 'manual'),
    made,
  );
  t.ok(isGapFree(after));
  t.same(after[0], before[0], 'what is on and fits stays');
  const through = channels.state(id).throughMs ?? 0;
  t.ok(through >= START + 7 * DAY);
  await channels.removeEntry(made.id);
  const without = await channels.entries(id, START, START + 7 * DAY);
  t.ok(isGapFree(without) && without.every(({ origin }) => origin === 'auto'));
  t.same(
    without
      .slice(0, 7)
      .map(({ item }) => item?.id)
      .sort(),
    before
      .slice(0, 7)
      .map(({ item }) => item?.id)
      .sort(),
  );
});

t.test('row 84: one that begins within what is on ends that', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body());
  await clock.advance(10 * MINUTE);
  const on = await channels.now(id);
  await channels.addEntry(entry(id, { start_time: at(START + 15 * MINUTE) }));
  const after = await channels.entries(id, START, START + DAY);
  t.same(after[0], { ...on?.entry, endMs: START + 15 * MINUTE });
  t.match(after[1], { origin: 'manual', startMs: START + 15 * MINUTE });
  t.ok(isGapFree(after));
});

t.test('row 115: a time with an offset is that moment; overlaps, strangers and wrong lengths are refused by key', async (t) => {
  await using home = await openChannels(t);
  const { channels } = home;
  const { id } = await channels.create(body());
  const made = await channels.addEntry(entry(id, { start_time: '2026-11-21T14:00:00+02:00', duration: 600 }));
  t.equal(made.startMs, Date.UTC(2026, 10, 21, 12));
  await t.rejects(channels.addEntry(entry(id, { start_time: '2026-11-21T12:05:00Z' })), {
    code: 'input_invalid',
    message: /start_time: overlaps/,
  });
  await t.rejects(channels.addEntry(entry(99)), { code: 'input_invalid', message: /channel_id: there is no channel 99/ });
  await t.rejects(channels.addEntry(entry(id, { media_item_id: 'nobody' })), { message: /media_item_id/ });
  await t.rejects(channels.addEntry(entry(id, { start_time: at(START - HOUR) })), {
    message: /start_time: start is in the past/,
  });
  await t.rejects(channels.addEntry(entry(id, { duration: 2 * 86_400 })), { message: /duration: end is more than 24 hours/ });
  for (const duration of [-5, 0, 1.5])
    t.equal(entryBody.safeParse({ ...entry(id), duration }).success, false, `duration ${duration}`);
  const manual = (await channels.entries(id, START, START + 7 * DAY)).filter(({ origin }) => origin === 'manual');
  t.same(manual, [made], 'nothing of it was kept');
});

t.test('two at once for the same time: one is refused', async (t) => {
  await using home = await openChannels(t);
  const { channels } = home;
  const { id } = await channels.create(body());
  const results = await Promise.allSettled([channels.addEntry(entry(id)), channels.addEntry(entry(id))]);
  t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

t.test('an entry moves, a changed automatic one becomes a manual one, a begun one stays', async (t) => {
  await using home = await openChannels(t);
  const { channels } = home;
  const { id } = await channels.create(body());
  const made = await channels.addEntry(entry(id));
  const moved = await channels.changeEntry(made.id, entryChange.parse({ start_time: at(START + 9 * HOUR) }));
  t.match(moved, {
    id: made.id,
    startMs: START + 9 * HOUR,
    title: made.title,
    endMs: START + 9 * HOUR + (made.endMs - made.startMs),
  });
  const all = await channels.entries(id, START, START + 2 * DAY);
  t.ok(isGapFree(all));
  t.equal(all.filter(({ origin }) => origin === 'manual').length, 1);
  const auto = all.findLast(({ origin, startMs }) => origin === 'auto' && startMs > START + 12 * HOUR);
  const chosen = await channels.changeEntry(auto?.id ?? '', entryChange.parse({ media_item_id: 'f7' }));
  t.match(chosen, { origin: 'manual', title: 'Film f7', startMs: auto?.startMs });
  t.ok(isGapFree(await channels.entries(id, START, START + 7 * DAY)));
  await t.rejects(channels.changeEntry(all[0]?.id ?? '', {}), { code: 'conflict' });
  await t.rejects(channels.changeEntry('nobody', {}), { code: 'not_found' });
});

t.test('row 116: an automatic entry that is taken out is followed by the next; a past one leaves its row only', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body());
  const before = await channels.entries(id, START, START + DAY);
  await channels.removeEntry(before[2]?.id ?? '');
  const after = await channels.entries(id, START, START + DAY);
  t.equal(after[2]?.item?.id, before[3]?.item?.id);
  t.ok(isGapFree(after));
  await clock.advance(5 * HOUR);
  await channels.removeEntry(after[0]?.id ?? '');
  t.same(await channels.entries(id, START, START + DAY), after.slice(1));
  await t.rejects(channels.removeEntry(after[0]?.id ?? ''), { code: 'not_found' });
});

t.test('rows 94, 114: a manual channel plays what it was given and is silent between; with filler it is not', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  const { id } = await channels.create(body({ schedule_type: 'manual' }));
  t.equal(channels.state(id).problem, null);
  await channels.addEntry(entry(id));
  await channels.addEntry(entry(id, { start_time: at(START + 8 * HOUR) }));
  t.equal((await channels.entries(id, START, START + 30 * DAY)).length, 2);
  t.equal(await channels.now(id), null);
  await clock.advance(5 * HOUR);
  t.match(
    await channels.now(id),
    { entry: { origin: 'manual' }, next: { startMs: START + 8 * HOUR } },
    'row 134: from its very start',
  );
  await clock.advance(8 * HOUR);
  t.equal(await channels.now(id), null);
  const steps = await channels.steps(id, clock.now());
  t.match(steps, [{ source: { kind: 'card', lines: ['Nothing is planned.'] } }]);
  const filled = await channels.create(body({ name: 'Two', schedule_type: 'manual', rules: { filler: { kind: 'card' } } }));
  await channels.addEntry(entry(filled.id, { start_time: at(clock.now() + HOUR) }));
  const entries = await channels.entries(filled.id, clock.now(), clock.now() + 7 * DAY);
  t.ok(isGapFree(entries) && entries.length > 2 && entries[0]?.kind === 'card');
});

t.test('rows 76, 84, 85: whatever is done to a schedule, in whatever order, it has neither gap nor overlap', async (t) => {
  await using home = await openChannels(t);
  const { channels, clock } = home;
  let state = 7_919;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const fillers = [{ kind: 'next_show' }, { kind: 'card' }, { kind: 'card', pad_to_minutes: 30 }];
  const slots = [[], [{ start: '20:15', end: '23:00', choice: { genres: ['Horror'] } }]];
  const rules = () => ({ filler: fillers[random(3)], slots: slots[random(2)] });
  const { id } = await channels.create(body({ rules: rules() }));
  const coming = () => channels.entries(id, clock.now(), clock.now() + 8 * DAY);
  const anyOf = async (): Promise<string> => (await coming()).at(random(40))?.id ?? '';
  const deeds: readonly (() => Promise<unknown>)[] = [
    () => channels.skip(id, true),
    () => channels.addEntry(entry(id, { start_time: at(Math.ceil((clock.now() + random(2 * HOUR)) / 1_000) * 1_000) })),
    () =>
      channels.addEntry(entry(id, { start_time: at(Math.ceil((clock.now() + random(6 * DAY)) / 1_000) * 1_000), duration: 77 })),
    async () => channels.removeEntry(await anyOf()),
    async () => channels.changeEntry(await anyOf(), entryChange.parse({ duration: 60 + random(5_000) })),
    async () => channels.removeEntry((await coming())[0]?.id ?? ''),
    () => channels.update(id, updateBody.parse({ rules: rules() })),
    () => channels.topUp(false),
  ];
  let refused = 0;
  for (let i = 0; i < 48; i += 1) {
    await clock.advance(random(40 * MINUTE));
    await deeds[random(deeds.length)]?.().catch((error: unknown) => {
      t.match(error, { code: /input_invalid|conflict/ }, `${i}: ${error}`);
      refused += 1;
    });
    const entries = await coming();
    if (!isGapFree(entries.filter(({ endMs }) => endMs <= (channels.state(id).throughMs ?? 0)))) t.fail(`${i}`);
    if ((await channels.now(id)) === null) t.fail(`nothing is on after ${i}`);
  }
  t.ok(refused < 24, `${refused} refused`);
});

// Rows 67, 68: usage while Headgate runs: series that match what played, over restarts, kills and clocks that are set.
import t from 'tap';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createRouter, NO_CAP, runUsage, stream } from './open-usage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MBIT = 1_000_000;
const GB = 1e9;

t.test('row 67: the series of a viewer are the bitrates of what played', async (t) => {
  const home = await runUsage(t);
  const from = home.clock.now();
  home.draw({ streams: [stream(8 * MBIT), stream(4 * MBIT, 'main/ben')] });
  await home.pass(10 * MINUTE);
  home.draw({ streams: [stream(16 * MBIT)] });
  await home.pass(5 * MINUTE);
  home.draw({});
  await home.pass(5 * MINUTE);
  const read = async (stepMs: number) =>
    await home.usage.series({ by: 'viewer', place: 'uplink', name: null, from, to: home.clock.now(), stepMs, most: 10 });
  const { step, series } = await read(MINUTE);
  t.same(step, { ms: MINUTE, tier: 'minute' });
  const [anna, ben] = series;
  t.match([anna?.name, ben?.name], ['main/anna', 'main/ben'], 'the largest first');
  const rates = (anna?.points ?? []).map(({ upBytes }) => Math.round((upBytes * 8_000) / MINUTE / MBIT));
  t.same(
    rates,
    [...Array.from({ length: 10 }, () => 8), ...Array.from({ length: 5 }, () => 16)],
    'nothing stands where nothing played',
  );
  t.equal(anna?.total.ms, 15 * MINUTE);
  t.match(ben?.total, { upBytes: 300 * MBIT, ms: 10 * MINUTE });
  const quarters = await read(15 * MINUTE);
  t.same(quarters.series[0]?.total, anna?.total, 'in every step the same');
  const days = await home.usage.totals(
    { by: 'viewer', place: null, name: 'main/anna', from, to: home.clock.now(), most: 1 },
    'day',
  );
  t.match(days, [{ name: 'main/anna', total: anna?.total, points: [{ upBytes: anna?.total.upBytes }] }]);
});

t.test('a restart loses nothing, a kill a minute at the most, and nothing is counted twice', async (t) => {
  const clock = createFakeClock();
  const first = await runUsage(t, { clock });
  first.draw({ streams: [stream(8 * MBIT)] });
  await first.pass(90_000);
  await first.stop();
  const second = await runUsage(t, { clock, folder: first.folder });
  t.equal(await second.total(), 90 * MBIT);
  second.draw({ streams: [stream(8 * MBIT)] });
  await second.pass(149_000);
  await second.kill();
  const third = await runUsage(t, { clock, folder: first.folder });
  const kept = (await third.total()) / MBIT;
  t.ok(kept >= 239 - 60 && kept <= 239, `${kept} of 239 s`);
});

t.test('clocks that are set, back or forth, lose nothing and add nothing', async (t) => {
  const home = await runUsage(t);
  home.draw({ streams: [stream(8 * MBIT)] });
  await home.pass(5 * MINUTE);
  home.clock.jump(-HOUR);
  await home.pass(5 * MINUTE);
  home.clock.jump(3 * HOUR);
  await home.pass(5 * MINUTE);
  await home.stop();
  const all = await runUsage(t, { clock: home.clock, folder: home.folder });
  t.equal(await all.total(), 15 * 60 * MBIT);
});

t.test('a clock that leaps years ahead takes nothing of what is kept', async (t) => {
  const home = await runUsage(t);
  home.draw({ streams: [stream(8 * MBIT)] });
  await home.pass(59 * MINUTE);
  const before = await home.total();
  home.clock.jump(3 * 365 * DAY);
  await home.pass(10 * MINUTE);
  home.clock.jump(-3 * 365 * DAY);
  t.ok((await home.total()) >= before);
  home.draw({});
  await home.pass(62 * MINUTE);
  t.ok((await home.total()) >= before, 'also after old rows were dropped');
  const far = await home.store.points({
    ...{ tier: 'day', by: 'viewer', place: null, name: null },
    ...{ from: home.clock.now() + 2 * DAY, to: Number.MAX_SAFE_INTEGER },
  });
  t.same(far, [], 'what the wrong clock wrote is gone');
});

t.test('days are the home’s: on the day on which summer time ends, midnight is an hour later by UTC', async (t) => {
  const clock = createFakeClock(Date.parse('2026-10-25T22:30:00Z'));
  const home = await runUsage(t, { clock, zone: 'Europe/Berlin' });
  home.draw({ streams: [stream(8_000)] });
  await home.pass(45 * MINUTE);
  const [anna] = await home.usage.totals(
    { by: 'viewer', place: null, name: null, from: clock.now() - 2 * DAY, to: clock.now(), most: 1 },
    'day',
  );
  t.same(
    anna?.points.map(({ at, upBytes }) => [new Date(at).toISOString(), Math.round(upBytes / 60_000)]),
    [
      ['2026-10-24T22:00:00.000Z', 30],
      ['2026-10-25T23:00:00.000Z', 15],
    ],
  );
});

t.test('kinds: the WAN by its counters, streams, clients, and what is neither', async (t) => {
  const clock = createFakeClock();
  const router = createRouter(clock, 20 * MBIT, 40 * MBIT);
  const home = await runUsage(t, { clock, wan: router.sample });
  home.draw({ streams: [stream(8 * MBIT)], clients: [{ name: 'qbit', place: 'uplink', upBps: 2 * MBIT, downBps: 30 * MBIT }] });
  await home.pass(10 * MINUTE);
  const { series } = await home.usage.series({
    by: 'kind',
    place: null,
    name: null,
    from: clock.now() - HOUR,
    to: clock.now(),
    stepMs: null,
    most: 20,
  });
  const rate = (name: string, of: 'upBytes' | 'downBytes') =>
    Math.round(((series.find((one) => one.name === name)?.total[of] ?? 0) * 8) / 600 / MBIT);
  t.same(
    ['wan', 'streams', 'clients', 'other'].map((name) => [rate(name, 'upBytes'), rate(name, 'downBytes')]),
    [
      [20, 40],
      [8, 0],
      [2, 30],
      [10, 10],
    ],
  );
});

t.test('the month’s bytes are the router’s, whoever was silent; what nobody measured is told', async (t) => {
  const clock = createFakeClock(Date.UTC(2026, 10, 1));
  const router = createRouter(clock, 8 * MBIT);
  const first = await runUsage(t, { clock, wan: router.sample });
  await first.pass(10 * MINUTE);
  router.state.isHeard = false;
  await first.pass(20 * MINUTE);
  t.match(first.usage.month(), { used: { upBytes: 600 * MBIT }, missingMs: 20 * MINUTE });
  router.state.isHeard = true;
  await first.pass(5_000);
  t.match(first.usage.month(), { used: { upBytes: 1_805 * MBIT, filledMs: 20 * MINUTE + 1_000 }, missingMs: 0 });
  await first.kill();
  await clock.advance(30 * MINUTE);
  const second = await runUsage(t, { clock, folder: first.folder, wan: router.sample });
  await second.pass(10_000);
  const { used, missingMs } = second.usage.month();
  t.ok(
    Math.abs(used.upBytes - 3_616 * MBIT) <= 2 * MBIT,
    `${used.upBytes / MBIT}: the minute that the kill took, and the half hour`,
  );
  t.ok(missingMs <= 1_000);
  t.ok(used.filledMs >= 50 * MINUTE);
});

t.test('a cap is told of once for each threshold, also over a restart, and anew in the next month', async (t) => {
  const clock = createFakeClock(Date.parse('2026-11-30T23:40:00Z'));
  const router = createRouter(clock, 800 * MBIT);
  const cap = { ...NO_CAP, limits: { ...NO_CAP.limits, upload: 100 * GB } };
  const first = await runUsage(t, { clock, cap, wan: router.sample });
  await first.pass(13 * MINUTE);
  t.match(first.told, [{ type: 'data_cap_warning', details: { direction: 'upload', percent: 75, cap_bytes: 100 * GB } }]);
  t.match(first.told[0]?.text, /^75 % of the month's 100\.0 GB of upload are used: 7\d\.\d GB\.$/);
  t.equal(first.usage.reached().size, 0);
  await first.stop();
  const second = await runUsage(t, { clock, cap, folder: first.folder, wan: router.sample });
  await second.pass(3 * MINUTE);
  t.match(second.told, [{ details: { percent: 90 } }]);
  t.equal(second.told.length, 1, '75 was told before');
  await second.pass(2 * MINUTE);
  t.match(second.told.slice(1), [{ type: 'data_cap_reached', text: /used up/ }]);
  t.same([...second.usage.reached()], ['upload']);
  await second.pass(3 * MINUTE);
  t.equal(second.usage.reached().size, 0, 'a month that begins has used nothing');
  await second.pass(13 * MINUTE);
  t.match(second.told.slice(2), [{ type: 'data_cap_warning', details: { percent: 75 } }]);
});

t.test(
  'a cap that was told of, and whose last minute a kill took, is shown again as soon as it is used up anew, and not told again',
  async (t) => {
    const clock = createFakeClock(Date.parse('2026-11-10T00:00:01Z'));
    const router = createRouter(clock, 800 * MBIT);
    const cap = { ...NO_CAP, limits: { ...NO_CAP.limits, upload: GB } };
    const first = await runUsage(t, { clock, cap, wan: router.sample });
    await first.pass(15_000);
    t.match(first.told.at(-1), { type: 'data_cap_reached' }, 'within a second, not a minute');
    await first.kill();
    const second = await runUsage(t, { clock, cap, folder: first.folder, wan: router.sample });
    t.equal(second.usage.reached().size, 0);
    let news = 0;
    second.usage.onNews(() => {
      news += 1;
    });
    await second.pass(15_000);
    t.same([...second.usage.reached()], ['upload']);
    t.equal(news, 1, 'said, before the minute is over');
    t.same(second.told, []);
  },
);

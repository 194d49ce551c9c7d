// What is remembered of the routers: the latest, the tiers, over restarts, with clocks that jump.
import t from 'tap';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { throughputOf } from './messages.ts';
import { runTelemetry } from './open-telemetry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

t.test('the latest of each WAN, and who is told', async (t) => {
  const home = await runTelemetry(t);
  const told = { change: 0, names: 0 };
  home.telemetry.onChange(() => {
    told.change += 1;
  });
  const end = home.telemetry.onNames(() => {
    told.names += 1;
  });
  t.equal(home.telemetry.primary(), null);
  t.equal(home.telemetry.means(10_000), null, 'silence is not zero');
  home.sayLink('wan', { up: true, primary: true });
  await home.flow(5, 8_000_000);
  t.match(home.telemetry.primary(), { router: 'router', wan: 'wan', throughput: { up_bps: 8_000_000 } });
  t.equal(told.change, 6, 'the link, and each sample');
  t.equal(told.names, 1, 'not each second');
  home.say(1, 'other/wan');
  t.equal(told.names, 2);
  end();
  home.say(1, 'third/wan');
  t.equal(told.names, 2);
  home.broker.say('headgate/router/router/wan/wan/throughput', '{"up_bps":-1}');
  t.same(home.bad, ['headgate/router/router/wan/wan/throughput'], 'what does not decode is told and changes nothing');
  t.match(home.telemetry.primary(), { throughput: { up_bps: 8_000_000 } });
});

t.test('a failover is followed at once, by the router’s word', async (t) => {
  const home = await runTelemetry(t);
  home.sayLink('wan', { up: true, primary: true });
  home.sayLink('wanb', { up: false, primary: false });
  await home.flow(3, 5_000_000);
  t.equal(home.telemetry.primary()?.wan, 'wan');
  home.sayLink('wan', { up: false, primary: false });
  home.sayLink('wanb', { up: true, primary: true });
  t.equal(home.telemetry.primary()?.wan, 'wanb');
});

t.test('means are of the last seconds of the primary WAN', async (t) => {
  const home = await runTelemetry(t);
  await home.flow(20, 1_000_000);
  await home.flow(10, 3_000_000);
  t.same(home.telemetry.means(9_500), { upBps: 3_000_000, downBps: 1_000 });
  t.match(home.telemetry.means(20_000), { upBps: Number });
  t.ok((home.telemetry.means(20_000)?.upBps ?? 0) < 3_000_000);
  await home.pass(11_000);
  t.equal(home.telemetry.means(10_000), null, 'silent for 11 s: no mean, not zero');
});

t.test('names from the network are bounded: 64 WANs, 16 routers', async (t) => {
  const home = await runTelemetry(t);
  for (let i = 0; i < 200; i += 1) {
    home.say(1, `router${i}/wan`);
    home.broker.say(
      `headgate/router/router${i}/presence`,
      JSON.stringify({ state: 'online', version: '1', boot_id: 'abcdef12' }),
      { retain: true },
    );
  }
  t.equal(home.telemetry.wans().length, 64);
  t.equal(home.telemetry.routers().length, 16);
});

t.test('seconds, minutes and hours: no sample is lost or counted twice', async (t) => {
  const home = await runTelemetry(t);
  const from = home.clock.now();
  await home.flow(150, 4_000_000);
  const to = home.clock.now() + 1;
  t.equal(await home.total(from, to), 150, 'in seconds');
  t.equal(await home.total(from, to, 3), 150, 'in minutes, the open one too');
  const minutes = await home.telemetry.history('router/wan', from, to, 3);
  t.equal(minutes.length, 3);
  t.ok(minutes.every(({ at }) => at % MINUTE === 0));
  t.ok(minutes.every(({ upBps, upPeakBps }) => upBps === 4_000_000 && upPeakBps === 4_000_000));
  t.same(await home.telemetry.history('router/nowhere', from, to, 10), []);
  t.ok((await home.telemetry.history('router/wan', from, to, 7)).length <= 7, 'at most as many as asked for');
});

t.test('a restart in mid-minute joins the halves, and the last hour is still there at a fine step', async (t) => {
  const clock = createFakeClock();
  const from = clock.now();
  const first = await runTelemetry(t, { clock });
  await first.flow(90, 2_000_000);
  await first.stop();
  const second = await runTelemetry(t, { clock, folder: first.folder });
  t.equal(await second.total(from, clock.now() + 1, 600), 90, 'what was in memory is told by minutes');
  await second.flow(60, 4_000_000);
  const minutes = await second.telemetry.history('router/wan', from, clock.now() + 1, 3);
  t.same(
    minutes.map(({ at, samples }) => [(at - from) / MINUTE, samples]),
    [
      [0, 59],
      [1, 60],
      [2, 31],
    ],
  );
  t.equal(minutes[1]?.upBps, 2_966_667, 'the joined minute has the mean of both halves');
});

t.test('two hours roll up into hours, and old minutes go', async (t) => {
  const home = await runTelemetry(t);
  const from = home.clock.now();
  for (let m = 0; m < 125; m += 1) {
    home.say(6_000_000);
    await home.pass(MINUTE);
  }
  t.equal((await home.store.range('router/wan', 'hours', from, from + 3 * HOUR)).length, 2);
  const eightDays = await home.telemetry.history('router/wan', home.clock.now() - 8 * 24 * HOUR, home.clock.now() + 1, 5_000);
  t.equal(
    eightDays.reduce((sum, { samples }) => sum + samples, 0),
    125,
    'the hour that is open is in it',
  );
  await home.store.rollUp(home.clock.now() + 8 * 24 * HOUR);
  t.same(await home.store.range('router/wan', 'minutes', from, from + 3 * HOUR), [], 'minutes are kept for a week');
  t.equal((await home.store.range('router/wan', 'hours', from, from + 3 * HOUR)).length, 3, 'hours are kept for two years');
});

t.test('a clock that is set back by an hour: recording goes on, and nothing is lost for that hour', async (t) => {
  const home = await runTelemetry(t);
  await home.flow(120, 1_000_000);
  home.clock.jump(-HOUR);
  const from = home.clock.now();
  await home.flow(180, 2_000_000);
  t.same(home.telemetry.means(10_000), { upBps: 2_000_000, downBps: 1_000 });
  const rows = await home.store.range('router/wan', 'minutes', from - MINUTE, from + 4 * MINUTE);
  t.ok(rows.reduce((sum, { samples }) => sum + samples, 0) >= 115, JSON.stringify(rows));
});

t.test('a clock that was years ahead and is put right: recording and rolling up go on', async (t) => {
  const home = await runTelemetry(t);
  home.clock.jump(20 * 365 * 24 * HOUR);
  for (let m = 0; m < 130; m += 1) {
    home.say(1_000_000);
    await home.pass(MINUTE);
  }
  home.clock.jump(-20 * 365 * 24 * HOUR);
  const from = home.clock.now();
  for (let m = 0; m < 130; m += 1) {
    home.say(2_000_000);
    await home.pass(MINUTE);
  }
  const minutes = await home.store.range('router/wan', 'minutes', from, home.clock.now());
  t.ok(minutes.length >= 120, `${minutes.length} minutes`);
  t.ok((await home.store.range('router/wan', 'hours', from - HOUR, home.clock.now())).length >= 2);
});

t.test('a sample keeps the router’s own words', async (t) => {
  const home = await runTelemetry(t);
  home.say(9);
  t.same(home.telemetry.wans()[0]?.throughput, throughputOf({ up_bps: 9, down_bps: 1_000 }));
});

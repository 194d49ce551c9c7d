// The program's flags and exit codes, as a person meets them.
import t from 'tap';
import { startHome } from './agent-home.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

for (const way of ['ssh', 'ubus'] as const)
  t.test(`--test by ${way}: one line per check, exit 0; then 1 with the dead peer named`, async (t) => {
    await using home = await startHome();
    const well = await home.runAgent(['--test'], { way });
    t.equal(well.code, 0, well.out + well.err);
    t.same(
      well.out
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
      ['ok config:', 'ok router:', 'ok wan:', 'ok counters:', 'ok sqm:', 'ok mqtt:'],
    );
    t.match(well.out, /wan cake, up 42 Mbit\/s, down 250 Mbit\/s by static/);
    await home.stopBroker();
    const noBroker = await home.runAgent(['--test'], { way });
    t.equal(noBroker.code, 1);
    t.match(noBroker.out, /FAIL +mqtt: .*ECONNREFUSED/);
    t.match(noBroker.out, /ok +router/);
    await home.sim.cut();
    const since = performance.now();
    const dead = await home.runAgent(['--test'], { way });
    t.equal(dead.code, 1);
    t.match(dead.out, /FAIL +router/);
    t.ok(performance.now() - since < 15_000);
    t.notMatch(JSON.stringify([well, noBroker, dead]), home.sim.password);
  });

t.test('--once prints one reading as JSON and asks no broker', async (t) => {
  await using home = await startHome();
  await home.stopBroker();
  home.sim.setTraffic(10_000_000, 20_000_000);
  const { code, out } = await home.runAgent(['--once']);
  t.equal(code, 0);
  const reading = JSON.parse(out);
  t.match(reading, {
    router: { model: 'GL.iNet GL-MT6000', way: 'ssh' },
    wans: [{ name: 'wan', link: { up: true }, sqm: { up: { live_bps: 42_000_000 } } }],
  });
  t.ok(Math.abs(reading.wans[0].throughput.up_bps / 10e6 - 1) < 0.1);
});

t.test('--once with a dead router is exit 1 and a sentence', async (t) => {
  await using home = await startHome();
  await home.sim.cut();
  const { code, out, err } = await home.runAgent(['--once']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /ECONNREFUSED/);
});

t.test('a bad configuration and an unknown flag are exit 1, each with its place', async (t) => {
  await using home = await startHome();
  const config = await home.runAgent(['--test'], { yaml: 'nonsense: 1\n' });
  t.equal(config.code, 1);
  t.match(config.out, /^FAIL +config: .*agent\.yaml:\d+: nonsense: no such key/);
  t.equal((await home.runAgent(['--what'])).code, 1);
  t.match(await home.runAgent(['--help']), { code: 0, out: /--dry-run/ });
});

t.test('the daemon starts with everything dead, and stops at once on SIGINT', async (t) => {
  await using home = await startHome();
  await home.sim.cut();
  await home.stopBroker();
  const agent = await home.startAgent();
  const since = performance.now();
  while (!agent.log().includes('the router cannot be reached') && performance.now() - since < 15_000)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.match(agent.log(), /no connection to the broker/);
  const told = performance.now();
  t.equal(await agent.stop('SIGINT'), 0);
  t.ok(performance.now() - told < 8_000, `${performance.now() - told} ms`);
});

// The simulated SABnzbd is held to what the real 3.2.1 and 3.7.1 said (real-*.json), and 4.5.5 to its source.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { type SabnzbdSimulatorOptions, startSabnzbdSimulator } from '../../../demo/sabnzbd/start-sabnzbd-simulator.ts';
import { ask, call, converse } from './ask-sabnzbd.ts';

const keys = { api: '0123456789abcdef0123456789abcdef', nzb: 'fedcba9876543210fedcba9876543210' };
const configured = { bandwidth_max: '10M', bandwidth_perc: 80 };
const start = (options: SabnzbdSimulatorOptions = {}) => startSabnzbdSimulator({ settings: configured, ...options });

for (const version of ['3.2.1', '3.7.1'] as const) {
  t.test(`the simulated ${version} says the same as the real one did, word for word`, async (t) => {
    const said = JSON.parse(await readFile(new URL(`real-${version}.json`, import.meta.url), 'utf8'));
    t.ok(said.length > 100, `${said.length} lines`);
    await using simulator = await start({ version });
    t.same(await converse(simulator.url, keys), said);
  });
}

t.test('4.5.5 answers without output in JSON, and otherwise as 3.7.1 does', async (t) => {
  await using modern = await start({ version: '4.5.5' });
  await using older = await start({ version: '3.7.1' });
  const [now, then] = [await converse(modern.url, keys), await converse(older.url, keys)];
  const other = now.filter((line, at) => line.replaceAll('4.5.5', '3.7.1') !== then[at]);
  t.same(other, ['as text: 200 {"status":false,"error":"not implemented"}']);
});

t.test('3.2.1 keeps fractions of percent and bytes', async (t) => {
  await using simulator = await start({ version: '3.2.1' });
  simulator.user.limitSpeed('33.5%');
  t.same(simulator.limit(), { speedlimit: '33.5', speedlimit_abs: '3512729.6' });
  simulator.user.limitSpeed('409600');
  t.same(simulator.limit(), { speedlimit: '3.9', speedlimit_abs: '409600.0' });
  simulator.user.limitSpeed('0');
  t.same(simulator.limit(), { speedlimit: '100', speedlimit_abs: '' });
});

t.test('a restart forgets the limit and, unless told otherwise, the pause', async (t) => {
  for (const preserve_paused_state of [false, true]) {
    await using simulator = await start({ settings: { ...configured, preserve_paused_state } });
    simulator.user.limitSpeed('300000');
    simulator.user.pause();
    await simulator.powerOff();
    await t.rejects(call(simulator.url, keys.api, { mode: 'queue' }), { code: 'ECONNREFUSED' });
    await simulator.powerOn();
    t.same(simulator.limit(), { speedlimit: '80', speedlimit_abs: '8388608' });
    t.equal(simulator.paused(), preserve_paused_state);
  }
});

t.test('a pause of some minutes ends by itself', async (t) => {
  let now = 0;
  await using simulator = await start({ now: () => now });
  simulator.user.want(2_048_000);
  simulator.user.pauseFor(5);
  now += 60_500;
  const told = await call(simulator.url, keys.api, { mode: 'queue' });
  t.match(JSON.parse(told.body), { queue: { paused: true, pause_int: '3:59', status: 'Paused', kbpersec: '0.00' } });
  now += 240_000;
  const after = await call(simulator.url, keys.api, { mode: 'queue' });
  t.match(JSON.parse(after.body), { queue: { paused: false, pause_int: '0', status: 'Downloading', kbpersec: '2000.00' } });
});

t.test('it moves what its queue wants, held down by the limit', async (t) => {
  await using simulator = await start();
  simulator.user.want(20e6);
  t.equal(simulator.bytesPerSecond(), 8_388_608);
  simulator.user.limitSpeed('500K');
  t.equal(simulator.bytesPerSecond(), 512_000);
  simulator.user.limitSpeed('0');
  t.equal(simulator.bytesPerSecond(), 20e6);
});

t.test('its log holds no keys but counts those in URLs, and faults come when wanted', async (t) => {
  await using simulator = await start({ basePath: '/usenet', configLock: true });
  await call(simulator.url, keys.api, { mode: 'queue' });
  t.equal(simulator.secretsInUrls(), 0);
  await ask(simulator.url, { method: 'GET', path: `/api?mode=queue&output=json&apikey=${keys.api}` });
  t.equal(simulator.secretsInUrls(), 1);
  t.notMatch(JSON.stringify(simulator.requests()), keys.api);
  const locked = await call(simulator.url, keys.api, { mode: 'config', name: 'speedlimit', value: '50%' });
  t.same(JSON.parse(locked.body), { status: false, error: 'Configuration locked' });
  simulator.failWith(502);
  t.equal((await call(simulator.url, keys.api, { mode: 'pause' })).status, 502);
  simulator.stall(true);
  const waiting = call(simulator.url, keys.api, { mode: 'pause' });
  const winner = await Promise.race([waiting.catch(() => 'cut'), new Promise((resolve) => setTimeout(resolve, 200, 'silence'))]);
  t.equal(winner, 'silence');
  t.equal(simulator.paused(), false, 'nor carried out');
  simulator.failWith(null);
  t.equal((await call(simulator.url.replace('/usenet', ''), keys.api, { mode: 'queue' })).status, 404);
});

t.test('with its warnings off a refusal has no words', async (t) => {
  await using simulator = await start({ apiWarnings: false });
  t.same(await call(simulator.url, 'wrong', { mode: 'queue' }), { status: 403, body: '' });
});

// The adapter with the simulated SABnzbd of three versions: limits, refusals, polling, and never a key in a URL.
import t from 'tap';
import { type SimulatedVersion, startSabnzbdSimulator } from '../../../deploy/demo/sabnzbd/start-sabnzbd-simulator.ts';
import { systemClock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import type { LimitSlot, TorrentClient } from '../../src/neighbours/download-client.ts';
import { makeCertificate } from '../http-client/make-certificate.ts';
import { createTestClock, listen, patience } from '../qbittorrent/open-test-client.ts';
import { openTestClient } from './open-test-client.ts';

const versions: readonly SimulatedVersion[] = ['3.2.1', '3.7.1', '4.5.5'];
const downloads: LimitSlot = { direction: 'download', mode: 'normal' };
const kiB = (count: number): number => count * 8 * 1024;

t.test('the adapter is a torrent client of the bandwidth feature', async (t) => {
  await using sabnzbd = openTestClient('http://127.0.0.1:9', { onUplink: false });
  const client: TorrentClient = sabnzbd;
  t.same([client.name, client.type, client.onUplink], ['sab', 'sabnzbd', false]);
  t.equal(client.rounded(1, 'download'), 8_192);
});

for (const version of versions) {
  t.test(`${version}: a cap is written as bytes/s, and its user's percentage comes back as that percentage`, async (t) => {
    await using simulator = await startSabnzbdSimulator({ version, settings: { bandwidth_max: '10M', bandwidth_perc: 80 } });
    await using client = openTestClient(`${simulator.url}/`);
    t.equal(await client.check(patience()), `SABnzbd ${version}, download limit 67.1 Mbit/s`);
    simulator.user.limitSpeed('33%');
    const original = simulator.limit();
    const cap = client.rounded(5_600_000, 'download');
    const capped = await client.changeLimit(downloads, async () => cap, patience());
    t.same(capped, { beforeBps: 8 * 3_460_300, afterBps: cap, written: true });
    t.match(simulator.limit().speedlimit_abs, /^699392(\.0)?$/);
    const restored = await client.changeLimit(downloads, async () => capped.beforeBps, patience());
    t.equal(restored.afterBps, capped.beforeBps);
    t.same(simulator.limit(), original);
    t.equal(simulator.secretsInUrls(), 0);
    t.same(await client.changeLimit(downloads, async () => null, patience()), {
      beforeBps: 8 * 3_460_300,
      afterBps: 8 * 3_460_300,
      written: false,
    });
  });

  t.test(`${version}: "100 %", none and an absolute limit come back as they were`, async (t) => {
    for (const [bandwidth_max, limit] of [
      ['10M', '100%'],
      ['10M', '0'],
      ['', '0'],
      ['', '700K'],
      ['10M', '123457'],
      ['10M', '512'],
    ] as const) {
      await using simulator = await startSabnzbdSimulator({ version, settings: { bandwidth_max } });
      simulator.user.limitSpeed(limit);
      const original = simulator.limit();
      await using client = openTestClient(simulator.url);
      const { beforeBps } = await client.changeLimit(downloads, async () => 1, patience());
      t.ok(simulator.user !== undefined && Number(simulator.limit().speedlimit_abs) > 0, 'a tiny cap is no "none"');
      await client.changeLimit(downloads, async () => beforeBps, patience());
      t.same(simulator.limit(), original, `${limit} of "${bandwidth_max}"`);
    }
  });

  t.test(`${version}: a wrong key is told once, not knocked at again for five minutes, and seen nowhere`, async (t) => {
    const lines: string[] = [];
    const write = (fields: unknown, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
    const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
    const clock = createTestClock();
    await using simulator = await startSabnzbdSimulator({ version, apiKey: 'the right one' });
    await using client = openTestClient(simulator.url, { apiKey: 'wrongSecret', log, clock });
    await using heard = listen(client);
    await heard.until('the refusal', ({ health }) => health.at(-1)?.state === 'refused');
    t.match(heard.health.at(-1)?.problem, /refuses the API key/);
    await t.rejects(client.check(patience()), { code: 'upstream_refused' });
    await t.rejects(
      client.changeLimit(downloads, async () => 8_192, patience()),
      { code: 'upstream_refused' },
    );
    await systemClock.sleep(200, patience());
    t.equal(simulator.requests().length, 1);
    t.equal(lines.length, 1);
    t.notMatch(`${lines.join()} ${JSON.stringify(heard.health)}`, 'wrongSecret');
    clock.forward(5 * 60_000);
    await t.rejects(client.check(patience()), { code: 'upstream_refused' });
    // The loop may look at the same moment.
    t.ok([2, 3].includes(simulator.requests().length), `${simulator.requests().length} requests`);
    t.equal(simulator.secretsInUrls(), 0);
  });
}

t.test('only downloads can be limited, and only in one mode', async (t) => {
  await using simulator = await startSabnzbdSimulator();
  await using client = openTestClient(simulator.url);
  for (const slot of [
    { direction: 'upload', mode: 'normal' },
    { direction: 'download', mode: 'alternative' },
  ] as const)
    await t.rejects(
      client.changeLimit(slot, async () => 8_192, patience()),
      { code: 'input_invalid', message: /only one for downloads/ },
    );
  t.equal(simulator.requests().length, 0);
});

t.test('readings have rates and the limit in bit/s, follow a hand edit, and nothing of uploads', async (t) => {
  await using simulator = await startSabnzbdSimulator({ settings: { bandwidth_max: '10M', bandwidth_perc: 50 } });
  simulator.user.want(3 * 1024 * 1024);
  await using client = openTestClient(`${simulator.url}/sabnzbd`);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  t.match(heard.readings[0], {
    uploadBps: 0,
    downloadBps: kiB(3 * 1024),
    mode: 'normal',
    uploadLimitBps: null,
    downloadLimitBps: { normal: kiB(5 * 1024), alternative: 0 },
    limitsLanPeers: null,
  });
  simulator.user.limitSpeed('1M');
  await heard.until('the edit', ({ readings }) => readings.at(-1)?.downloadLimitBps?.normal === kiB(1024));
  t.equal(heard.readings.at(-1)?.downloadBps, kiB(1024));
  t.ok(
    simulator.requests().every(({ method, path, fields }) => `${method} ${path} ${fields['limit']}` === 'POST /sabnzbd/api 1'),
  );
});

t.test('a restart is told once, and shows the limit that it goes back to', async (t) => {
  await using simulator = await startSabnzbdSimulator({ settings: { bandwidth_max: '10M', bandwidth_perc: 50 } });
  await using client = openTestClient(simulator.url);
  await client.changeLimit(downloads, async () => kiB(300), patience());
  await using heard = listen(client);
  await heard.until('the cap', ({ readings }) => readings.at(-1)?.downloadLimitBps?.normal === kiB(300));
  await simulator.powerOff();
  await heard.until('the outage', ({ health }) => health.at(-1)?.state === 'unreachable');
  t.match(heard.health.at(-1)?.problem, /refuses connections/);
  await simulator.powerOn();
  await heard.until('life', ({ health }) => health.at(-1)?.state === 'live');
  t.equal(heard.readings.at(-1)?.downloadLimitBps?.normal, kiB(5 * 1024));
  t.same(
    heard.health.map(({ state }) => state),
    ['starting', 'live', 'unreachable', 'live'],
  );
});

t.test('a write whose answer was lost is sent once more; one that did not land is a failure', async (t) => {
  await using simulator = await startSabnzbdSimulator();
  await using client = openTestClient(simulator.url);
  await client.check(patience());
  simulator.disturb({ times: 1, answer: 'cut' });
  t.equal((await client.changeLimit(downloads, async () => kiB(9), patience())).afterBps, kiB(9));
  const lost = async (): Promise<number> => {
    simulator.disturb({ times: 2, instead: { status: 200, body: '{"status":true,"config":{}}' } }); // get_config and the change
    return kiB(20);
  };
  await t.rejects(client.changeLimit(downloads, lost, patience()), { code: 'upstream_failed', message: /reads 73728/ });
});

t.test('an outage in the middle of a question is given up on in time', async (t) => {
  await using simulator = await startSabnzbdSimulator();
  await using client = openTestClient(simulator.url, { timeoutMs: 200 });
  simulator.stall(true);
  await t.rejects(client.check(patience()), { code: 'timeout' });
});

t.test('other refusals are explained, and other answers told as such', async (t) => {
  await using locked = await startSabnzbdSimulator({ configLock: true });
  await using toLocked = openTestClient(locked.url);
  await t.rejects(
    toLocked.changeLimit(downloads, async () => 8_192, patience()),
    { code: 'upstream_failed', message: /configuration locked/ },
  );
  t.match(await toLocked.check(patience()), /^SABnzbd 4\.5\.5, download limit none$/, 'it can still be read');
  await using silent = await startSabnzbdSimulator({ apiWarnings: false, apiKey: 'other' });
  await using toSilent = openTestClient(silent.url);
  await t.rejects(toSilent.check(patience()), { code: 'upstream_refused', message: /without saying why/ });
  await using odd = await startSabnzbdSimulator();
  const pages: readonly [number, string, string][] = [
    [403, 'Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check', 'upstream_refused'],
    [403, 'External internet access denied - https://sabnzbd.org/access-denied', 'upstream_refused'],
    [303, '', 'upstream_failed'],
    [404, '', 'upstream_failed'],
    [401, '', 'upstream_failed'],
    [502, 'Bad Gateway', 'upstream_unreachable'],
    [200, '<!DOCTYPE html>', 'upstream_failed'],
    [
      200,
      '{"queue":{"version":"2.3.9","paused":false,"pause_int":"0","speedlimit_abs":"","kbpersec":"0.00"}}',
      'upstream_failed',
    ],
  ];
  for (const [status, body, code] of pages) {
    await using client = openTestClient(odd.url);
    odd.disturb({ instead: { status, body } });
    await t.rejects(client.check(patience()), { code }, `${status} ${body}`);
  }
});

t.test('where the configuration may not be read, a percentage comes back as its bytes/s', async (t) => {
  await using simulator = await startSabnzbdSimulator({ settings: { bandwidth_max: '10M', bandwidth_perc: 50 } });
  await using client = openTestClient(simulator.url);
  const denied = async (): Promise<number> => {
    simulator.disturb({ times: 1, instead: { status: 403, body: 'External internet access denied' } });
    return kiB(5 * 1024);
  };
  t.equal((await client.changeLimit(downloads, denied, patience())).afterBps, kiB(5 * 1024));
  t.equal(simulator.requests().findLast(({ fields }) => fields['name'] === 'speedlimit')?.fields['value'], '5242880');
  t.match(await client.check(patience()), /^SABnzbd/, 'and is no reason to fall silent');
});

t.test('https with a self-signed certificate is refused before the key is sent, and works when pinned', async (t) => {
  const { key, cert, fingerprint } = await makeCertificate();
  await using simulator = await startSabnzbdSimulator({ tls: { key, cert }, basePath: '/usenet' });
  await using stranger = openTestClient(simulator.url);
  await t.rejects(stranger.check(patience()), { code: 'upstream_unreachable' });
  t.equal(simulator.requests().length, 0);
  await using client = openTestClient(simulator.url, { tls: { fingerprint256: fingerprint } });
  t.match(await client.check(patience()), /^SABnzbd 4/);
});

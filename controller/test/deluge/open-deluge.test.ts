// The adapter at the real deluged and deluge-web: log-in, limits in Deluge's own units, originals as they were, hand edits, refusals.
import t from 'tap';
import { startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import type { LimitSlot, TorrentClient } from '../../src/neighbours/download-client.ts';
import { listen, patience } from '../qbittorrent/open-test-client.ts';
import { openBrowser, openTestClient } from './open-test-client.ts';
import { startListeningProxy } from './start-listening-proxy.ts';

const secret = 'pä ss&"\\+%';
const deluge = await startDeluge({ password: secret, settings: { max_upload_speed: 700, max_download_speed: -1 } });
const readOnly = await startDeluge({ readOnlyKeys: ['max_upload_speed'] });
t.teardown(() => Promise.all([deluge[Symbol.asyncDispose](), readOnly[Symbol.asyncDispose]()]));

const upload: LimitSlot = { direction: 'upload', mode: 'normal' };
const download: LimitSlot = { direction: 'download', mode: 'normal' };
const notAuthenticated = { body: '{"result": null, "error": {"message": "Not authenticated", "code": 1}, "id": 1}' };
const open = (url = deluge.url) => openTestClient(url, { password: secret });
/** What Deluge itself holds, in KiB/s. */
const speeds = async (browser: Awaited<ReturnType<typeof openBrowser>>) =>
  Object.values(await browser('core.get_config_values', ['max_upload_speed', 'max_download_speed']));

t.test('the adapter is a torrent client of the bandwidth feature', async (t) => {
  await using client = openTestClient('http://127.0.0.1:9', { onUplink: false });
  const port: TorrentClient = client;
  t.match(port, { name: 'deluge', type: 'deluge', onUplink: false });
  t.equal(port.rounded(5_600_000, 'upload'), 5_595_136);
  t.equal(port.rounded(1, 'download'), 8_192);
  t.throws(() => openTestClient('http://127.0.0.1:9', { pollIntervalMs: 0 }), { code: 'config_invalid' });
});

t.test('a web interface that is connected to nothing is connected, once for all who ask', async (t) => {
  await using proxy = await startListeningProxy(deluge.url);
  await using client = open(`${proxy.url}/`);
  const told = await Promise.all([client.check(patience()), client.check(patience()), client.pausing.running(patience())]);
  t.match(told[0], /^Deluge 2\.[\w.]+, upload limit 5\.7 Mbit\/s, download limit none$/);
  t.same(told.slice(1), [told[0], ['*']]);
  const count = (method: string) => proxy.methods.filter((each) => each === method).length;
  t.same(['auth.login', 'web.connect', 'web.get_host_status'].map(count), [1, 1, 0], proxy.methods.join(' '));
});

t.test('limits are written in whole KiB/s, read back, and nothing else is touched', async (t) => {
  await using client = open();
  const browser = await openBrowser(deluge.url, { password: secret });
  const before = await browser('core.get_config');
  for (const [bps, kib] of [
    [5_600_000, 683],
    [1, 1],
    [8_192, 1],
    [24e9, 2_097_151],
  ] as const) {
    for (const slot of [upload, download]) {
      const capBps = client.rounded(bps, slot.direction);
      const { afterBps, written } = await client.changeLimit(slot, async () => capBps, patience());
      t.same([afterBps, written], [kib * 8_192, true], `${slot.direction} ${bps}`);
    }
    t.same(await speeds(browser), [kib, kib]);
  }
  await client.changeLimit(upload, async () => 700 * 8_192, patience());
  await client.changeLimit(download, async () => -8_192, patience());
  t.same(await browser('core.get_config'), before);
});

t.test('whatever stood there before is given back as it was', async (t) => {
  await using client = open();
  const browser = await openBrowser(deluge.url, { password: secret });
  for (const original of [-1, 0, 700.3, 0.5, 12_345.6, -5, 30]) {
    await browser('core.set_config', { max_upload_speed: original });
    const [stood] = await speeds(browser);
    const capped = await client.changeLimit(upload, async () => 100 * 8_192, patience());
    t.equal(capped.beforeBps <= 0, original <= 0, `${original} is ${original > 0 ? 'a limit' : 'none'}`);
    t.same((await speeds(browser))[0], 100);
    const restored = await client.changeLimit(upload, async () => capped.beforeBps, patience());
    t.equal(restored.afterBps, capped.beforeBps);
    t.same((await speeds(browser))[0], stood, `${original} to the last digit`);
  }
});

t.test('readings are of the user’s own edits, and of whether the LAN is limited', async (t) => {
  await using client = open();
  const browser = await openBrowser(deluge.url, { password: secret });
  await browser('core.set_config', { max_upload_speed: 512, max_download_speed: -1, ignore_limits_on_local_network: true });
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  t.match(heard.readings[0], {
    uploadBps: 0,
    downloadBps: 0,
    mode: 'normal',
    uploadLimitBps: { normal: 512 * 8_192, alternative: 0 },
    downloadLimitBps: { normal: -8_192, alternative: 0 },
    limitsLanPeers: false,
  });
  await browser('core.set_config', { max_upload_speed: 0, max_download_speed: 2_000.5, ignore_limits_on_local_network: false });
  await heard.until('the edit', ({ readings }) => readings.at(-1)?.limitsLanPeers === true);
  t.match(heard.readings.at(-1), {
    uploadLimitBps: { normal: 0 },
    downloadLimitBps: { normal: 2_000.5 * 8_192 },
  });
  t.same(
    heard.health.map(({ state }) => state),
    ['starting', 'live'],
  );
});

t.test('no reading after a change shows the value from before it', async (t) => {
  await using client = open();
  await using heard = listen(client);
  for (let kib = 50; kib < 60; kib += 1) {
    const { afterBps } = await client.changeLimit(upload, async () => kib * 8_192, patience());
    const seen = heard.readings.length;
    await heard.until('a reading', ({ readings }) => readings.length > seen);
    t.equal(heard.readings[seen]?.uploadLimitBps?.normal, afterBps);
  }
});

t.test('changes go one at a time: each sees what the one before it left', async (t) => {
  await using client = open();
  await client.changeLimit(upload, async () => 8_192, patience());
  const more = async (stands: number): Promise<number> => stands + 8_192;
  const changes = await Promise.all(Array.from({ length: 10 }, () => client.changeLimit(upload, more, patience())));
  t.equal(changes.at(-1)?.afterBps, 11 * 8_192);
});

t.test(
  'where the decision throws, is no rate, or is to leave it, nothing is written; there is no alternative mode',
  async (t) => {
    await using proxy = await startListeningProxy(deluge.url);
    await using client = open(proxy.url);
    const full = new Error('disk full');
    await t.rejects(
      client.changeLimit(upload, async () => Promise.reject(full), patience()),
      full,
    );
    for (const wrong of [Number.NaN, Infinity])
      await t.rejects(
        client.changeLimit(upload, async () => wrong, patience()),
        { code: 'input_invalid' },
      );
    t.match(await client.changeLimit(upload, async () => null, patience()), { written: false });
    const stop = new AbortController();
    const stopped = async (): Promise<number> => {
      stop.abort();
      return 8_192;
    };
    await t.rejects(client.changeLimit(upload, stopped, stop.signal), { name: 'AbortError' });
    await t.rejects(
      client.changeLimit({ direction: 'upload', mode: 'alternative' }, async () => 8_192, patience()),
      { code: 'input_invalid', message: /no alternative limits/ },
    );
    t.notOk(proxy.methods.includes('core.set_config'), proxy.methods.join(' '));
  },
);

t.test('a daemon that keeps a limit from change is a failure, not a success', async (t) => {
  await using client = openTestClient(readOnly.url);
  await t.rejects(
    client.changeLimit(upload, async () => 8_192, patience()),
    { code: 'upstream_failed', message: /set to 8192 bit\/s but reads -8192/ },
  );
  t.match(await client.changeLimit(download, async () => 8_192, patience()), { beforeBps: -8_192, afterBps: 8_192 });
});

t.test('a wrong password is tried once and never again', async (t) => {
  await using proxy = await startListeningProxy(deluge.url);
  await using client = openTestClient(proxy.url, { password: 'wrong' });
  await using heard = listen(client);
  await heard.until('the refusal', ({ health }) => health.at(-1)?.state === 'refused');
  t.match(heard.health.at(-1)?.problem, /refuses the password/);
  await t.rejects(Promise.all([1, 2, 3].map(() => client.check(patience()))), { code: 'upstream_refused' });
  await t.rejects(
    client.changeLimit(upload, async () => 8_192, patience()),
    { code: 'upstream_refused' },
  );
  t.equal(proxy.methods.filter((method) => method === 'auth.login').length, 1);
  t.same(
    heard.health.map(({ state }) => state),
    ['starting', 'refused'],
  );
});

t.test('a session that is over is renewed once, and the request repeated', async (t) => {
  await using proxy = await startListeningProxy(deluge.url);
  await using client = open(proxy.url);
  await client.check(patience());
  const logIns = () => proxy.methods.filter((method) => method === 'auth.login').length;
  let over = 1;
  proxy.answerWith((method) => (method === 'core.get_config_values' && over-- > 0 ? notAuthenticated : null));
  t.match(await client.check(patience()), /^Deluge 2/);
  t.equal(logIns(), 2);
  proxy.answerWith((method) => (method === 'auth.login' ? null : notAuthenticated));
  await t.rejects(client.check(patience()), { code: 'upstream_failed', message: /cookies lost/ });
  t.equal(logIns(), 3, 'and not again and again');
});

t.test('what is not Deluge is told as such', async (t) => {
  await using proxy = await startListeningProxy(deluge.url);
  await using client = open(proxy.url);
  await client.check(patience());
  const cases: readonly [number, string, string, RegExp][] = [
    [200, '<!DOCTYPE html>', 'upstream_failed', /not answer with JSON/],
    [200, '{"hello":1}', 'upstream_failed', /web\.connected/],
    [302, '', 'upstream_failed', /redirects/],
    [404, '', 'upstream_failed', /base path/],
    [502, 'Bad Gateway', 'upstream_unreachable', /502/],
  ];
  for (const [status, body, code, message] of cases) {
    proxy.answerWith(() => ({ status, body }));
    await t.rejects(client.check(patience()), { code, message }, `${status} ${body}`);
  }
  for (const [version, message] of [
    ['1.3.15', /needs 2\.0/],
    ['x', /does not tell its version/],
  ] as const) {
    proxy.answerWith((method) => (method === 'daemon.get_version' ? { body: `{"result":"${version}","error":null}` } : null));
    await t.rejects(client.check(patience()), { code: 'upstream_failed', message });
  }
  await using stranger = open(`${deluge.url}/nowhere`);
  await t.rejects(stranger.check(patience()), { code: 'upstream_failed', message: /base path/ });
});

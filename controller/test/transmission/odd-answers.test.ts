// What is not Transmission, or not one that we can use, is told as such; and what looks like a success is looked at.
import t from 'tap';
import { patience } from '../qbittorrent/open-test-client.ts';
import { openTestClient } from './open-test-client.ts';
import { type OddAnswer, saneSession, startOddServer, success } from './start-odd-server.ts';

const upload = { direction: 'upload', mode: 'normal' } as const;

const odd: readonly { readonly what: string; readonly answer: OddAnswer; readonly code: string; readonly says: RegExp }[] = [
  { what: 'a web page', answer: { body: '<!DOCTYPE html>' }, code: 'upstream_failed', says: /did not answer with JSON/ },
  { what: 'another JSON', answer: { body: '{"jsonrpc":"2.0"}' }, code: 'upstream_failed', says: /result/ },
  { what: 'a list', answer: { body: '[]' }, code: 'upstream_failed', says: /seedbox session-get/ },
  { what: 'no arguments', answer: { body: '{"result":"success"}' }, code: 'upstream_failed', says: /arguments/ },
  { what: 'its own error', answer: { body: '{"result":"no such method"}' }, code: 'upstream_failed', says: /no such method/ },
  { what: 'a redirect', answer: { status: 301, headers: { location: '/' } }, code: 'upstream_failed', says: /redirects us/ },
  { what: 'nothing there', answer: { status: 404 }, code: 'upstream_failed', says: /base path/ },
  { what: 'a strange host name', answer: { status: 421 }, code: 'upstream_refused', says: /rpc-host-whitelist/ },
  { what: 'a proxy without it', answer: { status: 502, body: 'Bad Gateway' }, code: 'upstream_unreachable', says: /502/ },
  { what: '409 without an id', answer: { status: 409 }, code: 'upstream_failed', says: /session id/ },
  {
    what: '409 for ever',
    answer: { status: 409, headers: { 'x-transmission-session-id': 'x' } },
    code: 'upstream_failed',
    says: /lost on the way/,
  },
  {
    what: 'a limit in words',
    answer: success({ ...saneSession, 'alt-speed-up': 'a lot' }),
    code: 'upstream_failed',
    says: /alt-speed/,
  },
  {
    what: 'a negative limit',
    answer: success({ ...saneSession, 'speed-limit-up': -1 }),
    code: 'upstream_failed',
    says: /speed-limit/,
  },
  {
    what: 'one that is too old',
    answer: success({ ...saneSession, version: '2.33 (12565)', 'rpc-version': 13 }),
    code: 'upstream_failed',
    says: /seedbox is Transmission 2\.33; Headgate needs 2\.40 or later/,
  },
];

for (const { what, answer, code, says } of odd) {
  t.test(`${what} is told as such`, async (t) => {
    await using server = await startOddServer(() => answer);
    await using client = openTestClient(server.url);
    await t.rejects(client.check(patience()), { code, message: says });
    t.ok(server.requests.length <= 3, `${server.requests.length} requests`);
    t.equal(server.requests[0]?.path, '/transmission/rpc');
  });
}

t.test('one without session ids, and in units of 1024, is taken as it is', async (t) => {
  await using server = await startOddServer(() => success({ ...saneSession, units: { 'speed-bytes': 1024 } }));
  await using client = openTestClient(server.url);
  t.equal(await client.check(patience()), 'Transmission 3.00, upload limit 5.7 Mbit/s, alternative 0.4 Mbit/s');
  t.equal(client.rounded(8 * 1024 * 3 + 5, 'upload'), 8 * 1024 * 3);
  t.notOk(server.requests.some(({ sessionId }) => sessionId !== undefined));
});

t.test('an answer that is refused is not asked for again and again', async (t) => {
  await using server = await startOddServer(() => ({ status: 421 }));
  await using client = openTestClient(server.url);
  for (let count = 0; count < 5; count += 1) await t.rejects(client.check(patience()), { code: 'upstream_refused' });
  t.equal(server.requests.length, 1);
});

t.test('a limit that reads back differently is a failure, also one that its server says it took', async (t) => {
  await using server = await startOddServer(() => success(saneSession));
  await using client = openTestClient(server.url);
  await t.rejects(
    client.changeLimit(upload, async () => 800_000, patience()),
    { code: 'upstream_failed', message: 'seedbox: the normal upload limit was set to 800000 bit/s but reads 5600000' },
  );
  t.same((await client.changeLimit(upload, async () => null, patience())).written, false);
});

t.test('torrents that do not stop are no pause', async (t) => {
  let ahead = 0;
  await using server = await startOddServer(({ method }) =>
    success(method === 'torrent-get' ? { torrents: [{ hashString: 'a', status: 6 }] } : {}),
  );
  const clock = {
    now: () => 0,
    monotonic: () => ahead,
    sleep: async (ms: number): Promise<void> => {
      ahead += ms;
    },
  };
  await using client = openTestClient(server.url, { clock });
  await t.rejects(client.pausing.pause(['a'], patience()), { code: 'upstream_failed', message: /does not stop its torrents/ });
});

// Live TV by address and by log-in, over the real server.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { ControllerError } from '../../../src/errors.ts';
import { bearer, call, logIn } from '../../http/serve.ts';
import { channel, entry, fullWeek, item, memorySource, weekItems } from './fixtures/home.ts';
import { parseLikeJellyfin } from './fixtures/jellyfin-m3u.ts';
import { BASE, PNG, serveLiveTv } from './fixtures/serve-live-tv.ts';
import { xmltvFaults } from './fixtures/validate-xmltv.ts';

const channels = [
  channel({ id: 1, number: '10', name: 'Ten & more' }),
  channel({ id: 2, number: '9', name: 'Nine "films"' }),
  channel({ id: 3, number: '1', name: 'Off', enabled: false }),
];
const rows = [1, 2, 3].map((id) => entry(`e${id}`, [0, 60], { channelId: id, title: `Show <${id}>` }));
const source = () =>
  memorySource(
    rows,
    rows.map((row) => item(row.id)),
  );

t.test('rows 120, 121 and 125: the playlist of all, of one, and "all" before an id', async (t) => {
  const { url, live, auth, tokens, token } = await serveLiveTv(t, { channels, source: source() });
  const root = `${BASE}/live/${tokens.textOf(token)}`;
  const whole = await call(`${live}/playlist.m3u`, { headers: { host: 'evil.example' } });
  t.equal(whole.status, 200);
  t.match(whole.headers.get('content-type'), 'audio/x-mpegurl');
  t.notMatch(whole.text, 'evil.example', 'addresses come from the configuration');
  t.same(
    parseLikeJellyfin(whole.text).map(({ path }) => path),
    [`${root}/2.ts`, `${root}/1.ts`],
  );
  const headers = await bearer(auth, 'read');
  const byLogin = await call(`${url}/api/livetv/m3u/all`, { headers });
  t.same(
    parseLikeJellyfin(byLogin.text).map(({ path }) => path),
    [`${BASE}/api/livetv/stream/2`, `${BASE}/api/livetv/stream/1`],
    'no token of anybody',
  );
  const byToken = await call(`${url}/api/livetv/m3u/all?token=${tokens.textOf(token)}`);
  t.equal(byToken.text, whole.text);
  const one = await call(`${url}/api/livetv/m3u/1`, { headers });
  t.equal(parseLikeJellyfin(one.text).length, 1);
  t.equal((await call(`${url}/api/livetv/m3u/4`, { headers })).status, 404);
  t.equal((await call(`${url}/api/livetv/m3u/x`, { headers })).status, 404);
  t.equal((await call(`${url}/api/livetv/m3u/3`, { headers })).status, 403);
});

t.test('rows 122, 123 and 125: the guide of all and of one is valid, by every way in', async (t) => {
  const { url, live, tokens, token } = await serveLiveTv(t, { channels, source: source() });
  const cookie = await logIn(url);
  const query = `?token=${tokens.textOf(token)}`;
  for (const [address, count] of [
    [`${live}/guide.xml`, 2],
    [`${url}/api/livetv/xmltv/all`, 2],
    [`${url}/api/livetv/xmltv/1`, 1],
    [`${url}/api/livetv/xmltv/2${query}`, 1],
  ] as const) {
    const { status, text, headers } = await call(address, { headers: { cookie } });
    t.equal(status, 200);
    t.match(headers.get('content-type'), 'application/xml');
    t.equal(text.match(/<channel /g)?.length, count, address);
    // The judge takes its time: once for all, once for one.
    if (address.includes('/api/') && !address.includes('?')) t.equal(await xmltvFaults(t, text), '');
    t.notMatch(text, 'Off');
  }
  t.equal((await call(`${url}/api/livetv/xmltv/9`, { headers: { cookie } })).status, 404);
  t.equal((await call(`${url}/api/livetv/xmltv/3`, { headers: { cookie } })).status, 403);
});

t.test('without a right there is nothing: wrong, revoked and broken tokens are answered alike', async (t) => {
  const { url, live, tokens, token, tuned } = await serveLiveTv(t, { channels, source: source() });
  const text = tokens.textOf(token);
  const paths = ['playlist.m3u', 'guide.xml', 'guide.xml.gz', 'logo/1', 'image/home/e1/x', '1.ts', '3.ts', '77.ts'];
  const wrong = [`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`, 'x', 'A'.repeat(44), `${text}A`];
  const answers = new Set<string>();
  for (const path of paths)
    for (const one of wrong) {
      const { status, text: body } = await call(`${url}/live/${one}/${path}`);
      answers.add(`${status} ${body}`);
    }
  t.equal(answers.size, 1);
  t.match([...answers][0], /^404 /);
  for (const path of ['m3u/all', 'm3u/1', 'xmltv/all', 'xmltv/1', 'stream/1', 'logo/1', 'image/home/e1/x']) {
    t.equal((await call(`${url}/api/livetv/${path}`)).status, 401, path);
    t.equal((await call(`${url}/api/livetv/${path}?token=nonsense`)).status, 401, path);
  }
  t.equal((await call(`${live}/guide.xml`)).status, 200);
  await tokens.remove(token.id);
  t.equal((await call(`${live}/guide.xml`)).status, 404);
  t.equal((await call(`${live}/1.ts`)).status, 404);
  t.same(tuned, []);
});

t.test('rows 93 and 124: a stream goes to the tuner, with who asks; off is 403, unknown 404', async (t) => {
  const { url, live, auth, token, tuned } = await serveLiveTv(t, { channels, source: source() });
  const headers = { 'user-agent': 'Player/1' };
  const first = await call(`${live}/1.ts`, { headers });
  t.match([first.status, first.headers.get('content-type'), first.text], [200, 'video/mp2t', 'stream of 1']);
  const head = await call(`${live}/1.ts`, { method: 'HEAD', headers });
  t.match([head.status, head.headers.get('content-type')], [200, 'video/mp2t']);
  const byLogin = await call(`${url}/api/livetv/stream/2`, { headers: await bearer(auth, 'read') });
  t.equal(byLogin.text, 'stream of 2');
  t.match(tuned, [
    {
      channel: { id: 1 },
      consumer: 'living room',
      tokenId: token.id,
      address: '127.0.0.1',
      userAgent: 'Player/1',
      method: 'GET',
    },
    { channel: { id: 1 }, method: 'HEAD' },
    { channel: { id: 2 }, consumer: 'read token', tokenId: null },
  ]);
  t.equal((await call(`${live}/3.ts`)).status, 403);
  for (const id of ['4', '0', '01', '1e0', '-1', '99999999999999999999', 'x'])
    t.equal((await call(`${live}/${id}.ts`)).status, 404, id);
  t.equal(tuned.length, 3);
});

t.test('who has the guide gets a 304, packed or not', async (t) => {
  const { live, guide, url, auth } = await serveLiveTv(t, { channels, source: source() });
  const first = await call(`${live}/guide.xml`);
  const etag = first.headers.get('etag') ?? '';
  t.match(etag, /^W\/"[\w-]{27}"$/);
  for (const known of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
    const again = await call(`${live}/guide.xml`, { headers: { 'if-none-match': known } });
    t.match([again.status, again.text, again.headers.get('etag')], [304, '', etag], known);
  }
  t.equal((await call(`${live}/guide.xml`, { headers: { 'if-none-match': '"x"' } })).status, 200);
  t.equal((await call(`${live}/guide.xml.gz`, { headers: { 'if-none-match': etag } })).status, 304);
  const playlist = await call(`${live}/playlist.m3u`);
  const same = await call(`${live}/playlist.m3u`, { headers: { 'if-none-match': playlist.headers.get('etag') ?? '' } });
  t.equal(same.status, 304);
  const headers = await bearer(auth, 'read');
  t.not((await call(`${url}/api/livetv/xmltv/all`, { headers })).headers.get('etag'), etag, 'other addresses, other content');
  guide.forget(1);
  t.equal(
    (await call(`${live}/guide.xml`, { headers: { 'if-none-match': etag } })).status,
    304,
    'read again, and still the same',
  );
});

t.test('gzip is an encoding for who takes it, and a file at .xml.gz; small and streamed', async (t) => {
  const many = Array.from({ length: 12 }, (_, index) => channel({ id: index + 1, number: String(index + 1) }));
  const week = many.flatMap(({ id }) => fullWeek(id));
  const big = memorySource(
    week,
    many.flatMap(({ id }) => weekItems(id)),
  );
  for (const [name, from, some] of [
    ['small', source(), channels],
    ['streamed', big, many],
  ] as const) {
    const { live } = await serveLiveTv(t, { channels: some, source: from });
    const plain = await fetch(`${live}/guide.xml`, { headers: { 'accept-encoding': 'identity' } });
    t.equal(plain.headers.get('content-encoding'), null);
    t.equal(plain.headers.get('vary'), 'Accept-Encoding');
    const xml = await plain.text();
    const packed = await fetch(`${live}/guide.xml`, { headers: { 'accept-encoding': 'gzip' } });
    t.equal(packed.headers.get('content-encoding'), 'gzip');
    t.equal(await packed.text(), xml, name);
    const file = await fetch(`${live}/guide.xml.gz`, { headers: { 'accept-encoding': 'gzip' } });
    t.match([file.headers.get('content-encoding'), file.headers.get('content-type')], [null, 'application/gzip']);
    t.equal(gunzipSync(Buffer.from(await file.arrayBuffer())).toString(), xml, name);
    const head = await call(`${live}/guide.xml`, { method: 'HEAD' });
    t.match([head.status, head.text], [200, '']);
    if (name === 'streamed') t.ok(xml.length > 2_000_000);
  }
});

t.test('a client that leaves in the middle ends the reading', async (t) => {
  const many = Array.from({ length: 40 }, (_, index) => channel({ id: index + 1, number: String(index + 1) }));
  const week = fullWeek(1);
  let reads = 0;
  const { live } = await serveLiveTv(t, {
    channels: many,
    maxBytes: 1,
    source: {
      ...memorySource([], weekItems(1)),
      entries(id) {
        reads += 1;
        return week.map((row) => ({ ...row, channelId: id }));
      },
    },
  });
  const leaving = new AbortController();
  const answer = await fetch(`${live}/guide.xml`, { signal: leaving.signal, headers: { 'accept-encoding': 'identity' } });
  const reader = answer.body?.getReader();
  await reader?.read();
  leaving.abort();
  await t.rejects(reader?.closed ?? Promise.resolve(), { name: 'AbortError' });
  let before = -1;
  for (let tries = 0; before !== reads && tries < 100; tries += 1) {
    before = reads;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  t.ok(reads < 75, `40 for the ETag and ${reads - 40} for what was sent`);
});

t.test('pictures of items come through us, once, and nothing else does', async (t) => {
  const asked: string[] = [];
  const items = [item('e1'), item('page', { image: { itemId: 'page', tag: 'p' } }), item('bare', { image: null }), item('down')];
  const from = memorySource(rows, items);
  const { live } = await serveLiveTv(t, {
    channels,
    source: from,
    async readImage({ itemId, server }) {
      asked.push(`${server}/${itemId}`);
      if (itemId === 'down') throw new ControllerError('upstream_unreachable', 'home does not answer');
      return itemId === 'page' ? Buffer.from('<html>') : PNG;
    },
  });
  const { text } = await call(`${live}/guide.xml`);
  const src = /<icon src="([^"]*e1[^"]*)"/.exec(text)?.[1] ?? '';
  t.match(src, /^http:\/\/tv\.example:8400\/live\/.*\/image\/home\/e1\/tage1$/);
  const path = `${live}${src.slice(src.indexOf('/image'))}`;
  const [one, two] = await Promise.all([fetch(path), fetch(path)]);
  t.same(Buffer.from(await one.arrayBuffer()), PNG);
  t.equal(two.headers.get('content-type'), 'image/png');
  t.equal((await fetch(path, { headers: { 'if-none-match': one.headers.get('etag') ?? '' } })).status, 304);
  t.same(asked, ['home/e1']);
  for (const other of ['home/unknown/x', 'other/e1/x', 'home/bare/x', 'home/page/p', 'home/..%2f..%2fx/x'])
    t.equal((await call(`${live}/image/${other}`)).status, 404, other);
  t.equal((await call(`${live}/image/home/down/x`)).status, 502);
});

t.test('row 157: a logo is a file in the folder of logos, a path or an address; only pictures are served', async (t) => {
  // Not the test's own folder: the server's database takes that.
  const folder = await mkdtemp(join(tmpdir(), 'headgate-logos-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'secret.png'), 'root:x:0:0');
  await writeFile(join(folder, 'ours.png'), PNG);
  await promisify(execFile)('mkfifo', [join(folder, 'pipe.png')]);
  const logos = [
    'ours.png',
    join(folder, 'ours.png'),
    'https://logos.example/a "b".png?x=1&y',
    'secret.png',
    '/dev/zero',
    '/etc/passwd',
    null,
  ];
  const odd = ['../ours.png', 'javascript:alert(1)', 'pipe.png', '..'];
  const some = [...logos, ...odd].map((logo, index) => channel({ id: index + 1, number: String(index + 1), logo }));
  const { live } = await serveLiveTv(t, { channels: some, logos: folder });
  const shown = parseLikeJellyfin((await call(`${live}/playlist.m3u`)).text).map(({ imageUrl }) => imageUrl);
  t.match(shown[0], /\/live\/[^/]+\/logo\/1-[a-z0-9]+$/);
  t.equal(shown[2], 'https://logos.example/a%20%22b%22.png?x=1&y');
  t.same([shown[6], shown[7], shown[8], shown[10]], [null, null, null, null]);
  for (const index of [0, 1]) {
    const url = shown[index] ?? '';
    const answer = await fetch(`${live}${url.slice(url.indexOf('/logo'))}`);
    t.match([answer.status, answer.headers.get('content-type')], [200, 'image/png']);
    t.same(Buffer.from(await answer.arrayBuffer()), PNG);
  }
  for (const id of [3, 4, 5, 6, 7, 8, 9, 10, 11, 99]) t.equal((await call(`${live}/logo/${id}-x`)).status, 404, String(id));
});

t.test('no log line has a token', async (t) => {
  const { url, live, tokens, token, lines } = await serveLiveTv(t, { channels, source: source() });
  const text = tokens.textOf(token);
  await call(`${live}/playlist.m3u`);
  await call(`${live}/99.ts`);
  await call(`${live}/1.ts`);
  await call(`${live}/nothing/here`);
  await call(`${url}/api/livetv/m3u/all?token=${text}`);
  t.match(lines(), '/live/…/playlist.m3u');
  t.notMatch(lines(), text);
  t.notMatch(lines(), text.slice(12));
});

t.test('row 159: with another public address every address of ours begins there', async (t) => {
  const { live } = await serveLiveTv(t, { channels: [channel({ logo: '/x.png' })], source: source() });
  for (const document of ['playlist.m3u', 'guide.xml']) {
    const { text } = await call(`${live}/${document}`);
    const addresses = [...text.matchAll(/https?:\/\/[^/"<\s]+/g)].map(([found]) => found);
    t.ok(addresses.length > 0);
    t.same([...new Set(addresses)], [BASE]);
  }
});

// Torrents and files over real HTTP, and the tracker that belongs to them.
import { rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { decodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';
import { readTorrent } from '../../../agent-node/src/torrent/read-torrent.ts';
import { openSeeding } from './open-seeding.ts';

type Job = { info_hash: string };
const text = (value: unknown): string => Buffer.from(value as Uint8Array).toString('latin1');

/** As it is written: fetch would tidy the path. */
const raw = (url: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

t.test('a .torrent is private, of the same info hash, and has the reader’s own tracker address', async (t) => {
  const { seed, put, url, tokenOf, get } = await openSeeding(t);
  const { info_hash: hash } = (await seed({ path: await put('one.mkv', 'a film') })).json as Job;
  const [pi, nuc, stranger] = [
    await tokenOf('pi', ['family']),
    await tokenOf('nuc', ['family']),
    await tokenOf('x', ['friends']),
  ];
  const torrentOf = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/torrent/${hash}.torrent`, { headers });
    t.equal(response.headers.get('content-type'), 'application/x-bittorrent');
    t.equal(response.headers.get('cache-control'), 'private, no-store', 'it has a passkey');
    return new Uint8Array(await response.arrayBuffer());
  };
  const bytes = await torrentOf(pi);
  t.type(readTorrent(bytes), 'object', 'as a node reads it');
  const decoded = decodeBencode(bytes) as unknown as { announce: Uint8Array; info: { private: number } };
  t.equal(decoded.info.private, 1);
  t.same(Object.keys(decoded).sort(), ['announce', 'info']);
  t.match(text(decoded.announce), new RegExp(`^${url}/announce\\?node=pi&hash=${hash}&key=[A-Za-z0-9_-]{43}$`));
  t.notMatch(text(bytes), (pi['authorization'] ?? '').slice('Bearer '.length));
  t.not(text((decodeBencode(await torrentOf(nuc)) as unknown as typeof decoded).announce), text(decoded.announce));
  t.equal((await get(`/torrent/${hash}.torrent`, stranger)).status, 404, 'of another group');
  t.equal((await get(`/torrent/${hash}.torrent`, {})).status, 401);
  t.equal((await get(`/torrent/${'0'.repeat(40)}.torrent`, pi)).status, 404);
});

t.test('a file is read whole or by range, by its exact name only', async (t) => {
  const { seed, put, url, get, admin, tokenOf, library } = await openSeeding(t);
  await put('Show/s 1/e#1.mkv', '0123456789');
  const { info_hash: hash } = (await seed({ path: join(library, 'Show') })).json as Job;
  const path = `/web-seed/${hash}/${encodeURIComponent('s 1')}/${encodeURIComponent('e#1.mkv')}`;
  const range = async (value: string, more: Record<string, string> = {}) => {
    const { status, text, headers } = await get(path, { ...admin, range: value, ...more });
    return [status, text, headers.get('content-range')];
  };
  const whole = await get(path);
  t.same([whole.status, whole.text, whole.headers.get('content-length')], [200, '0123456789', '10']);
  t.same([whole.headers.get('accept-ranges'), whole.headers.get('content-type')], ['bytes', 'application/octet-stream']);
  t.equal(whole.headers.get('cache-control'), 'private, no-cache');
  t.same(await range('bytes=2-4'), [206, '234', 'bytes 2-4/10']);
  t.same(await range('bytes=7-'), [206, '789', 'bytes 7-9/10']);
  t.same(await range('bytes=-2'), [206, '89', 'bytes 8-9/10']);
  t.same(await range('bytes=-99'), [206, '0123456789', 'bytes 0-9/10']);
  t.same(await range('bytes=8-99'), [206, '89', 'bytes 8-9/10']);
  t.same(await range('bytes=10-'), [416, '', 'bytes */10']);
  t.same(await range('bytes=-0'), [416, '', 'bytes */10']);
  for (const other of ['bytes=4-2', 'bytes=0-1,4-5', 'items=0-1', 'bytes=-'])
    t.same(await range(other), [200, '0123456789', null], other);
  const etag = whole.headers.get('etag') ?? '';
  t.same(await range('bytes=0-0', { 'if-range': etag }), [206, '0', 'bytes 0-0/10']);
  t.same(await range('bytes=0-0', { 'if-range': '"other"' }), [200, '0123456789', null]);
  t.equal((await get(path, { ...admin, 'if-none-match': etag })).status, 304);
  const head = await fetch(`${url}${path}`, { method: 'HEAD', headers: { ...admin, range: 'bytes=0-3' } });
  t.same([head.status, head.headers.get('content-length'), await head.text()], [206, '4', '']);
  await writeFile(join(library, 'secret.txt'), 'secret');
  for (const bad of [
    '../secret.txt',
    '..%2fsecret.txt',
    's 1/../../secret.txt',
    's 1',
    '',
    'e#1.mkv',
    's 1/e#1.mkv/',
    'S 1/e#1.mkv',
    '%00',
  ])
    t.ok([400, 404].includes(await raw(url, `/web-seed/${hash}/${encodeURI(bad).replaceAll('%25', '%')}`, admin)), bad);
  t.equal((await get(path, await tokenOf('x', ['friends']))).status, 404);
  t.equal((await get(path, {})).status, 401);
});

t.test('a single file answers to its own name and to its name in the group; a file that changed is not served', async (t) => {
  const { seed, put, get, library } = await openSeeding(t);
  const path = await put('raw.mkv', 'a film');
  const { info_hash: hash } = (await seed({ path, dest_path: 'Films/One/One.mkv' })).json as Job;
  for (const name of ['raw.mkv', 'One.mkv']) t.equal((await get(`/web-seed/${hash}/${name}`)).text, 'a film');
  t.equal((await get(`/web-seed/${hash}/Films/One/One.mkv`)).status, 404);
  await writeFile(path, 'another film');
  t.equal((await get(`/web-seed/${hash}/One.mkv`)).status, 409);
  await rm(path);
  t.equal((await get(`/web-seed/${hash}/One.mkv`)).status, 404);
  await writeFile(join(library, 'other'), 'a film');
  await symlink(join(library, 'other'), path);
  t.equal((await get(`/web-seed/${hash}/One.mkv`)).status, 404, 'a link is not followed');
});

t.test('bytes to another site are counted, by the site of the node and by the address; those at home are not', async (t) => {
  let isHome = true;
  const { seed, put, get, tokenOf, sent } = await openSeeding(t, { isHome: () => isHome });
  const { info_hash: hash } = (await seed({ path: await put('one.mkv', Buffer.alloc(300_000, 1)) })).json as Job;
  const path = `/web-seed/${hash}/one.mkv`;
  const told = async (count: number) => {
    for (let tries = 0; tries < 50 && sent.length < count; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    return sent.splice(0).map(({ reader, site, bytes }) => ({ reader, site, bytes }));
  };
  const [pi, cabin] = [await tokenOf('pi', ['family']), await tokenOf('cabin-pi', ['family'], 'cabin')];
  await get(path, pi);
  await get(path, { ...cabin, range: 'bytes=0-99' });
  t.same(await told(1), [{ reader: 'cabin-pi', site: 'cabin', bytes: 100 }]);
  isHome = false;
  await get(path, { ...pi, range: 'bytes=5-9' });
  t.same(await told(1), [{ reader: 'pi', site: 'home', bytes: 5 }]);
});

t.test('the tracker takes those who show their passkey, for what is seeded here, and nobody else', async (t) => {
  const { seed, put, url, tokenOf, tokens } = await openSeeding(t);
  const { info_hash: hash } = (await seed({ path: await put('one.mkv', 'a film') })).json as Job;
  const addressFor = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/torrent/${hash}.torrent`, { headers });
    const decoded = decodeBencode(new Uint8Array(await response.arrayBuffer())) as unknown as { announce: Uint8Array };
    return text(decoded.announce);
  };
  const [pi, nuc] = [await addressFor(await tokenOf('pi', ['family'])), await addressFor(await tokenOf('nuc', ['family']))];
  const announce = async (address: string, more: string) => {
    // As a client does it: bytes that are no text.
    const response = await fetch(`${address}&info_hash=%ff%00%12${more}`);
    t.equal(response.status, 200);
    return decodeBencode(new Uint8Array(await response.arrayBuffer())) as unknown as Record<string, unknown>;
  };
  t.match(await announce(pi, '&port=7001&left=0'), { complete: 1, incomplete: 0, interval: 120, peers: new Uint8Array() });
  const compact = await announce(nuc, '&port=7002&left=6&event=started');
  t.same([...(compact['peers'] as Uint8Array)], [127, 0, 0, 1, 7001 >> 8, 7001 & 255]);
  const long = (await announce(nuc, '&port=7002&left=6&compact=0'))['peers'] as { ip: Uint8Array; port: number }[];
  t.same(
    long.map(({ ip, port }) => [text(ip), port]),
    [['127.0.0.1', 7001]],
  );
  t.same([...((await announce(nuc, '&port=7002&numwant=0'))['peers'] as Uint8Array)], []);
  await announce(pi, '&port=7001&event=stopped');
  t.match(await announce(nuc, '&port=7002&left=6'), { complete: 0, peers: new Uint8Array(), interval: 15 }, 'asks again soon');
  const refused = async (address: string, more = '&port=7003') => text((await announce(address, more))['failure reason']);
  t.match(await refused(pi.replace(/key=./, 'key=x')), /passkey/);
  t.match(await refused(pi.replace('node=pi', 'node=nuc')), /passkey/);
  t.match(await refused(pi.replace(hash, '0'.repeat(40))), /passkey/);
  t.match(await refused(pi, '&port=0'), /port/);
  t.match(await refused(pi, ''), /port/);
  await tokens.remove('pi');
  t.match(await refused(pi), /not shared/, 'revoked');
});

t.test(
  'readers of other sites keep to one limit, readers at home to none; while it is 0 nobody elsewhere is let in',
  async (t) => {
    const { seed, put, url, gate, get, tokenOf } = await openSeeding(t);
    const content = Buffer.alloc(1_000_000, 3);
    const { info_hash: hash } = (await seed({ path: await put('one.mkv', content) })).json as Job;
    const path = `/web-seed/${hash}/one.mkv`;
    const [pi, cabin, hut] = [
      await tokenOf('pi', ['family']),
      await tokenOf('cabin-pi', ['family'], 'cabin'),
      await tokenOf('hut-pi', ['family'], 'hut'),
    ];
    gate.limit(4_000_000);
    const ending = new AbortController();
    const had = { cabin: 0, hut: 0 };
    const read = async (who: keyof typeof had, headers: Record<string, string>): Promise<void> => {
      const { body } = await fetch(`${url}${path}`, { headers, signal: ending.signal });
      for await (const bytes of body ?? []) had[who] += (bytes as Uint8Array).length;
    };
    // One of them with three connections.
    const reading = [read('cabin', cabin), read('hut', hut), read('hut', hut), read('hut', hut)].map((one) =>
      one.catch(() => {}),
    );
    while (had.cabin + had.hut < 300_000) await new Promise((resolve) => setTimeout(resolve, 10));
    t.ok(had.cabin > had.hut / 3 && had.hut > had.cabin / 3, `${had.cabin} and ${had.hut}: by reader, not by connection`);
    t.equal((await get(path, pi)).text.length, content.length, 'whole');
    t.ok(had.cabin + had.hut < 4 * content.length);
    gate.limit(0);
    t.equal((await get(path, cabin)).status, 429);
    t.equal((await get(path, pi)).status, 200);
    ending.abort();
    await Promise.all(reading);
    while (gate.isWaited()) await new Promise((resolve) => setTimeout(resolve, 10));
    gate.limit(null);
    t.equal((await get(path, cabin)).text.length, content.length);
  },
);

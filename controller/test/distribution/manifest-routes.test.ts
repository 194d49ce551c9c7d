// Manifests over real HTTP: who reads, who writes, and what it costs.
import { createPublicKey, verify } from 'node:crypto';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { groupManifest, signedText } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { manifestRoutes } from '../../src/distribution/manifest-routes.ts';
import { nodeRoutes } from '../../src/distribution/node-routes.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { item, type Options, openParts } from './open-distribution.ts';

async function open(t: Test, options: Options & { groups?: readonly string[] } = {}) {
  const parts = await openParts(t, options);
  const routes = [
    ...manifestRoutes({ ...parts, groups: options.groups ?? null, publicKey: parts.signer.key }),
    ...nodeRoutes({ ...parts, site: 'home', order: async () => {}, forget: async () => {} }),
  ];
  const { auth, url } = await serve(t, { routes });
  const admin = await bearer(auth, 'write');
  const post = (group: string, body: unknown, headers = {}) =>
    call(`${url}/manifest/${group}.json`, { method: 'POST', body, headers: { ...admin, ...headers } });
  return { ...parts, url, admin, auth, post, family: `${url}/manifest/family.json` };
}

/** fetch names the host itself. */
const statusAs = (url: string, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path: '/manifest/family.json', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

t.test('row 216: a manifest is served with an ETag, as 304 where it is known, and as 404 where there is none', async (t) => {
  const { post, family, url, admin } = await open(t);
  t.equal((await call(family, { headers: admin })).status, 404);
  await post('family', { group: 'family', items: [item('One')] });
  const first = await call(family, { headers: admin });
  t.equal(first.status, 200);
  t.match(first.json, { group: 'family', version: 1, items: [item('One')] });
  const etag = first.headers.get('etag') ?? '';
  t.match(etag, /^"1-/);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await call(family, { headers: { ...admin, 'if-none-match': known } });
    t.same([again.status, again.text], [304, ''], known);
  }
  t.equal((await call(family, { headers: { ...admin, 'if-none-match': '"other"' } })).status, 200);
  const head = await call(family, { method: 'HEAD', headers: admin });
  t.same([head.status, head.text, Number(head.headers.get('content-length')) > 100], [200, '', true]);
  t.match((await call(`${url}/manifest`, { headers: admin })).json, {
    public_key: /^[A-Za-z0-9+/]{43}=$/,
    groups: [{ group: 'family', version: 1, items: 1 }],
  });
  for (const bad of ['..%2f..%2fetc.json', '.json', 'a%20b.json'])
    t.ok([400, 404].includes((await call(`${url}/manifest/${bad}`, { headers: admin })).status), bad);
});

t.test('what lies between keeps nothing without asking, and never one reader’s form for another', async (t) => {
  const { post, family, admin } = await open(t);
  await post('family', { items: [item('One')] });
  const { headers } = await call(family, { headers: admin });
  const known = await call(family, { headers: { ...admin, 'if-none-match': headers.get('etag') ?? '' } });
  for (const { headers: answered } of [{ headers }, known]) {
    t.equal(answered.get('cache-control'), 'private, no-cache');
    t.equal(answered.get('vary'), 'Accept-Encoding');
    t.equal(answered.get('etag'), headers.get('etag'), 'on a 304 as well [RFC 9110 §15.4.5]');
  }
  const refused = await call(family);
  t.same([refused.status, refused.headers.get('etag')], [401, null]);
});

t.test('row 219: GET / tells that it is there, to anybody', async (t) => {
  const { url } = await open(t);
  t.match(await call(`${url}/`), { status: 200, json: { status: 'ok' } });
});

t.test('a manifest goes as gzip where it is asked for, under a tag of its own', async (t) => {
  const { post, family, admin, manifests } = await open(t);
  await post('family', { items: Array.from({ length: 200 }, (_, i) => item(`Film ${i}`)) });
  const sealed = manifests.sealed('family');
  t.ok(sealed !== null && sealed.gzip.length < sealed.plain.length / 5);
  t.strictSame(sealed && gunzipSync(sealed.gzip), sealed?.plain);
  const plain = await fetch(family, { headers: { ...admin, 'accept-encoding': 'identity' } });
  const gzip = await fetch(family, { headers: { ...admin, 'accept-encoding': 'br, gzip' } });
  t.same([plain.headers.get('content-encoding'), gzip.headers.get('content-encoding')], [null, 'gzip']);
  t.not(plain.headers.get('etag'), gzip.headers.get('etag'));
  t.equal(await plain.text(), await gzip.text());
  const none = await fetch(family, { headers: { ...admin, 'accept-encoding': 'gzip;q=0' } });
  t.equal(none.headers.get('content-encoding'), null);
});

t.test('rows 217, 240, 241: a bad body is refused by its field and the manifest stays; a log-in is needed', async (t) => {
  const { post, family, admin, url } = await open(t, { groups: ['family'] });
  await post('family', { group: 'family', items: [item('One')] });
  const { title: _, ...untitled } = item('Two');
  for (const [body, field] of [
    ['not a manifest', /body/],
    [{ items: 'no list' }, /body\.items/],
    [{ items: [untitled] }, /body\.items\.0\.title/],
    [{ items: [item('Two'), item('Three', { path: '../x' })] }, /body\.items\.1\.path.*relative path/],
    [{ items: [item('Two', { torrent: '/etc/passwd' })] }, /body\.items\.0\.torrent/],
    [{ items: [item('Two', { sha256: 'x' })] }, /body\.items\.0\.sha256/],
    [{ items: [item('Two'), item('two', { path: 'TWO.mkv' })] }, /body\.items.*twice/],
    [{ group: 'friends', items: [] }, /body\.group/],
  ] as const) {
    const { status, json } = await post('family', body);
    t.equal(status, 400);
    t.match(json, { error: { message: field } });
  }
  t.match((await post('friends', { items: [] })).json, { error: { message: /group: "friends" is not one of/ } });
  const items = [item('Stranger')];
  t.equal((await call(family, { method: 'POST', body: { items } })).status, 401);
  const { json } = await call(`${url}/api/nodes`, { method: 'POST', body: { node: 'pi', groups: ['family'] }, headers: admin });
  const node = { authorization: `Bearer ${(json as { token: string }).token}` };
  t.equal((await call(family, { method: 'POST', body: { items }, headers: node })).status, 401, 'a node may only read');
  t.match((await call(family, { headers: admin })).json, { version: 1, items: [item('One')] });
});

t.test('each version is signed by the key of this home, and reads as the nodes read it', async (t) => {
  const { post, family, admin, signer } = await open(t);
  await post('family', { items: [item('One', { sha256: 'a'.repeat(64), size: 5, tags: ['kids'] })] });
  const { json } = await call(family, { headers: admin });
  const { signature } = groupManifest.parse(json);
  t.equal(signature?.key, signer.key);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(signer.key, 'base64')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const isSigned = (document: unknown) =>
    verify(
      null,
      Buffer.from(signedText(document as Record<string, unknown>)),
      key,
      Buffer.from(signature?.value ?? '', 'base64'),
    );
  t.ok(isSigned(json));
  t.notOk(isSigned({ ...(json as object), version: 2 }));
});

t.test('a manifest is read by a node’s token, from a configured network, or with a log-in; by nobody else', async (t) => {
  const { post, family, url, admin } = await open(t);
  await post('family', { items: [] });
  await post('friends', { items: [] });
  t.equal((await call(family)).status, 401);
  const made = await call(`${url}/api/nodes`, {
    method: 'POST',
    body: { node: 'pi', site: 'cabin', groups: ['family'] },
    headers: admin,
  });
  t.match(made, { status: 201, json: { node: 'pi', site: 'cabin', groups: ['family'], token: /^hgn_/ } });
  const { token } = made.json as { token: string };
  const bearerOfNode = { authorization: `Bearer ${token}` };
  t.equal((await call(family, { headers: bearerOfNode })).status, 200);
  t.equal((await call(family, { headers: { authorization: `Basic ${btoa(`node:${token}`)}` } })).status, 200);
  t.equal((await call(`${url}/manifest/friends.json`, { headers: bearerOfNode })).status, 403);
  t.equal((await call(`${url}/manifest`, { headers: bearerOfNode })).status, 401, 'the list of groups is not a node’s');
  t.equal((await call(family, { headers: { authorization: `Bearer ${token.slice(0, -1)}x` } })).status, 401);
  const listed = await call(`${url}/api/nodes`, { headers: admin });
  t.match(listed.json, { nodes: [{ node: 'pi', access: { site: 'cabin' }, report: null, heard_at: null }] });
  t.notMatch(listed.text, token);
  const renewed = await call(`${url}/api/nodes`, { method: 'POST', body: { node: 'pi', groups: ['family'] }, headers: admin });
  t.equal((await call(family, { headers: bearerOfNode })).status, 401, 'the old token went');
  const later = { authorization: `Bearer ${(renewed.json as { token: string }).token}` };
  t.equal((await call(family, { headers: later })).status, 200);
  t.equal((await call(`${url}/api/nodes/pi`, { method: 'DELETE', headers: admin })).status, 204);
  t.equal((await call(family, { headers: later })).status, 401);
  t.equal((await call(`${url}/api/nodes/pi`, { method: 'DELETE', headers: admin })).status, 404);
});

t.test('a network that is configured needs no token, unless a proxy or a foreign page hides who asks', async (t) => {
  const { post, family, url } = await open(t, { lanNetworks: ['127.0.0.0/8'] });
  await post('family', { items: [] });
  t.equal((await call(family)).status, 200);
  for (const [forwarded, status] of [
    ['127.0.0.1', 200],
    ['127.0.0.1, 203.0.113.5', 401],
    ['203.0.113.5, 127.0.0.1', 200],
  ] as const)
    t.equal((await call(family, { headers: { 'x-forwarded-for': forwarded } })).status, status, forwarded);
  t.equal((await call(family, { headers: { forwarded: 'for=127.0.0.1' } })).status, 401);
  for (const [host, status] of [
    ['127.0.0.1:8400', 200],
    ['[::1]:8400', 200],
    ['nas', 200],
    ['nas.lan:8400', 200],
    ['films.example', 200],
    ['evil.example', 401],
    ['evil.example:8400', 401],
  ] as const)
    t.equal(await statusAs(url, host), status, host);
  t.equal((await call(family, { headers: { 'x-forwarded-for': '203.0.113.5' } })).status, 401);
});

t.test(
  'rows 218, 248: a group is made when absent; two writers lose nothing; what was answered is there after a restart',
  async (t) => {
    const { manifests, folder, close, versions } = await openParts(t);
    const add = (group: string, title: string) => manifests.change(group, (before) => [...(before?.items ?? []), item(title)]);
    const titles = Array.from({ length: 40 }, (_, i) => `Film ${i}`);
    await Promise.all(titles.flatMap((title) => [add('family', title), add('friends', title)]));
    await manifests.change('family', (before) => (before?.items ?? []).filter(({ title }) => title !== 'Film 3'));
    await manifests.remove('friends');
    t.same(
      versions.filter(({ name }) => name === 'family').map(({ group }) => group?.version),
      Array.from({ length: 41 }, (_, i) => i + 1),
    );
    const before = manifests.sealed('family');
    await close();
    const again = await openParts(t, { folder });
    t.same(
      again.manifests.get('family')?.items.map(({ title }) => title),
      titles.filter((title) => title !== 'Film 3'),
    );
    t.strictSame(again.manifests.sealed('family'), before, 'the same bytes, signature and tag');
    t.equal(again.manifests.sealed('friends'), null);
    t.equal((await again.manifests.change('friends', () => []))?.version, 41, 'a version never comes back');
  },
);

t.test('a writer who says what it read is told when somebody was quicker', async (t) => {
  const { post, family, admin } = await open(t);
  await post('family', { items: [] });
  const etag = (await call(family, { headers: admin })).headers.get('etag') ?? '';
  t.equal((await post('family', { items: [item('One')] }, { 'if-match': etag })).status, 201);
  t.equal((await post('family', { items: [item('Two')] }, { 'if-match': etag })).status, 409);
  t.equal((await post('none', { items: [] }, { 'if-match': '*' })).status, 409);
  t.equal((await call(family, { method: 'DELETE', headers: admin })).status, 204);
  t.equal((await call(family, { headers: admin })).status, 404);
});

// Stream tokens over HTTP.
import t from 'tap';
import { bearer, call, logIn } from '../../http/serve.ts';
import { channel } from '../guide/fixtures/home.ts';
import { BASE, serveLiveTv } from '../guide/fixtures/serve-live-tv.ts';

type View = { readonly id: string; readonly name: string; readonly urls?: Record<string, string> };

t.test('the administrator sees addresses, an API token names only', async (t) => {
  const { url, auth, tokens, token } = await serveLiveTv(t, { channels: [channel()] });
  const cookie = await logIn(url);
  const root = `${BASE}/live/${tokens.textOf(token)}`;
  const urls = { playlist: `${root}/playlist.m3u`, guide: `${root}/guide.xml`, guide_gz: `${root}/guide.xml.gz` };
  const seen = await call(`${url}/api/livetv/tokens`, { headers: { cookie } });
  t.match(seen.json, { tokens: [{ name: 'living room', urls }] });
  for (const scope of ['read', 'write'] as const) {
    const { text, json } = await call(`${url}/api/livetv/tokens`, { headers: await bearer(auth, scope) });
    t.match(json, { tokens: [{ name: 'living room' }] });
    t.notMatch(text, tokens.textOf(token).slice(12));
    t.notMatch(text, 'urls');
  }
  t.equal((await call(`${url}/api/livetv/tokens`)).status, 401);
});

t.test('who may write makes and revokes; a made one works at once and a revoked one no more', async (t) => {
  const { url, auth } = await serveLiveTv(t, { channels: [channel()] });
  const headers = await bearer(auth, 'write');
  const made = await call(`${url}/api/livetv/tokens`, { method: 'POST', body: { name: ' kitchen ' }, headers });
  t.equal(made.status, 201);
  const view = made.json as View;
  t.equal(view.name, 'kitchen');
  const playlist = (view.urls?.['playlist'] ?? '').replace(BASE, url);
  t.equal((await call(playlist)).status, 200);
  const twice = await call(`${url}/api/livetv/tokens`, { method: 'POST', body: { name: 'kitchen' }, headers });
  t.match([twice.status, twice.text], [409, /kitchen/]);
  const path = `${url}/api/livetv/tokens/${view.id}`;
  t.equal((await call(path, { method: 'DELETE', headers: await bearer(auth, 'read') })).status, 403);
  t.equal((await call(path, { method: 'DELETE', headers })).status, 204);
  t.equal((await call(path, { method: 'DELETE', headers })).status, 404);
  t.equal((await call(playlist)).status, 404);
});

t.test('without a log-in nothing is made; a name must be one', async (t) => {
  const { url, auth } = await serveLiveTv(t, { channels: [] });
  const read = await bearer(auth, 'read');
  t.equal((await call(`${url}/api/livetv/tokens`, { method: 'POST', body: { name: 'x' } })).status, 401);
  t.equal((await call(`${url}/api/livetv/tokens`, { method: 'POST', body: { name: 'x' }, headers: read })).status, 403);
  const headers = await bearer(auth, 'write');
  for (const body of [{}, { name: '  ' }, { name: 'x'.repeat(65) }, { name: 'x', more: 1 }])
    t.equal((await call(`${url}/api/livetv/tokens`, { method: 'POST', body, headers })).status, 400);
});

t.test('a stream token is no API token', async (t) => {
  const { url, tokens, token } = await serveLiveTv(t, { channels: [channel()] });
  const headers = { authorization: `Bearer ${tokens.textOf(token)}` };
  t.equal((await call(`${url}/api/livetv/tokens`, { headers })).status, 401);
  t.equal((await call(`${url}/api/tokens?token=${tokens.textOf(token)}`)).status, 401);
  t.equal((await call(`${url}/api/livetv/m3u/all`, { headers })).status, 401);
});

// The session cookie and where changing requests may come from.
import t from 'tap';
import { isSameOrigin, sessionCookie, sessionIn } from '../../src/http/session-cookie.ts';

t.test('the cookie is for this site, for http only, and with https for nothing else', async (t) => {
  t.equal(sessionCookie('abc', 60_000, false), 'headgate=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60');
  t.equal(sessionCookie('abc', 60_000, true), '__Host-headgate=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure');
});

t.test('the session is found among other cookies', async (t) => {
  t.equal(sessionIn('a=1; headgate=abc; b=2', false), 'abc');
  t.equal(sessionIn('__Host-headgate=abc', true), 'abc');
  t.equal(sessionIn('headgate=abc', true), null, 'a cookie set by plain http does not count under https');
  for (const header of [null, '', 'xheadgate=abc', 'headgate', ';;=;']) t.equal(sessionIn(header, false), null, String(header));
});

t.test('changes come from our own page only', async (t) => {
  const from = (more: object): boolean =>
    isSameOrigin({ secFetchSite: null, origin: null, host: 'box:8400', publicUrl: 'https://hg.example', ...more });
  t.ok(from({ secFetchSite: 'same-origin' }));
  for (const secFetchSite of ['cross-site', 'same-site', 'none'])
    t.notOk(from({ secFetchSite, origin: 'http://box:8400' }), secFetchSite);
  t.ok(from({ origin: 'http://box:8400' }));
  t.ok(from({ origin: 'https://hg.example' }), 'the public address, where a proxy changes Host');
  for (const origin of ['http://evil', 'http://box', 'http://hg.example', 'null', '', null])
    t.notOk(from({ origin }), String(origin));
});

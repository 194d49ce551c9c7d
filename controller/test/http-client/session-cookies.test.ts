// Cookies are sent back as they came, whatever their names.
import t from 'tap';
import { createSessionCookies } from '../../src/http-client/session-cookies.ts';

t.test('a session is echoed, whatever its cookie is called', async (t) => {
  const cookies = createSessionCookies();
  t.equal(cookies.header(), null);
  cookies.take('SID=a+b/c==; HttpOnly; path=/; SameSite=Strict');
  t.equal(cookies.header(), 'SID=a+b/c==');
  cookies.take(['QBT_SID_8080=x; HttpOnly; expires=Fri, 31-Dec-2100 23:59:59 GMT; path=/', 'route=2']);
  t.equal(cookies.header(), 'SID=a+b/c==; QBT_SID_8080=x; route=2');
  cookies.take('SID=; expires=Thu, 01-Jan-1970 00:00:00 GMT');
  cookies.take(undefined);
  t.equal(cookies.header(), 'QBT_SID_8080=x; route=2');
});

t.test('a peer cannot fill our memory with cookies', async (t) => {
  const cookies = createSessionCookies();
  cookies.take(Array.from({ length: 1000 }, (_, index) => `c${index}=v`));
  cookies.take([`long=${'x'.repeat(10_000)}`, 'noequals', '=novalue']);
  t.equal(cookies.header()?.split('; ').length, 16);
});

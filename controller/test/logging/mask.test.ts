// Secrets in log texts.
import t from 'tap';
import { createMask, isSecretKey } from '../../src/logging/mask.ts';

t.test('known secrets go, also URL-encoded and JSON-escaped, the longer first', async (t) => {
  const mask = createMask(['abcd', 'abcd-efgh', 'p&ss w"rd', 'ab']);
  const cases = [
    ['key abcd-efgh here', 'key *** here'],
    ['abcd,abcd', '***,***'],
    [`x=${encodeURIComponent('p&ss w"rd')}`, 'x=***'],
    ['{"p":"p&ss w\\"rd"}', '{"p":"***"}'],
    ['a cab', 'a cab'],
  ] as const;
  for (const [text, clean] of cases) t.equal(mask(text), clean, text);
});

t.test('what looks like a secret goes even where it is not known', async (t) => {
  const mask = createMask([]);
  const cases = [
    ['MediaBrowser Client="x", Token="abc123"', 'MediaBrowser Client="x", Token="***"'],
    ['GET /Items?api_key=abc&x=1', 'GET /Items?api_key=***&x=1'],
    ['GET /s?ApiKey=abc', 'GET /s?ApiKey=***'],
    ['username=a&password=b c', 'username=a&password=*** c'],
    ['"password": "b"', '"password": "***"'],
    ['Authorization: Bearer abcdefgh.ijkl', 'Authorization: Bearer ***'],
    ['postgres://me:geheim@host/db', 'postgres://me:***@host/db'],
    ['Cookie: SID=abc; x', 'Cookie: SID=***; x'],
    [`Url: http://tv:8400/live/${'aB3_-'.repeat(9).slice(1)}/1.ts`, 'Url: http://tv:8400/live/***/1.ts'],
    ['http://host/live/stream.ts', 'http://host/live/stream.ts'],
    ['http://host:8096/path at 12:30', 'http://host:8096/path at 12:30'],
    ['the token kitchen was made', 'the token kitchen was made'],
  ] as const;
  for (const [text, clean] of cases) t.equal(mask(text), clean, text);
});

t.test('fields named like a secret hold one', async (t) => {
  for (const key of ['password', 'apiKey', 'api_key', 'accessToken', 'Authorization', 'cookie', 'clientSecret'])
    t.ok(isSecretKey(key), key);
  for (const key of ['name', 'tokens', 'keys', 'passwordFile', 'part']) t.notOk(isSecretKey(key), key);
});

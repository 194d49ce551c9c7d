// URLs, listening addresses, ranges, time zones and fingerprints.
import t from 'tap';
import type { z } from 'zod';
import { fingerprint, listen, range, timeZone, url } from '../../src/config/addresses.ts';

function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  return result.success ? result.data : `refused: ${result.error.issues[0]?.message}`;
}

t.test('URLs keep host, port, IPv6 and base path, and lose a trailing slash', async (t) => {
  const http = url('http', 'https');
  for (const one of ['http://192.168.1.10:8096', 'https://jellyfin.example/base', 'http://[fd00::5]:8096', 'http://nas:1/a/b'])
    t.equal(read(http, one), one);
  t.equal(read(http, 'http://nas:8096/'), 'http://nas:8096');
  t.equal(read(http, 'http://nas/base//'), 'http://nas/base');
});

t.test('URLs of another scheme, with credentials or a query are refused without being quoted', async (t) => {
  for (const one of [
    'nas:8096',
    'ftp://nas',
    'http://',
    'http://u:hunter2@nas',
    'http://nas/?api_key=hunter2',
    'http://nas/#x',
    'javascript:alert(1)',
    '',
    5,
  ]) {
    const answer = String(read(url('http', 'https'), one));
    t.match(answer, /^refused: must/, String(one));
    t.notMatch(answer, /hunter2/);
  }
});

t.test('a listening address has a host and a port', async (t) => {
  t.same(read(listen(), '0.0.0.0:8400'), { host: '0.0.0.0', port: 8400 });
  t.same(read(listen(), '[::]:8400'), { host: '::', port: 8400 });
  t.same(read(listen(), 'localhost:0'), { host: 'localhost', port: 0 });
  for (const one of [
    '8400',
    ':8400',
    '0.0.0.0',
    '1.2.3.4:65536',
    '1.2.3:80',
    '300.1.1.1:80',
    '[::g]:80',
    '::1:80',
    'http://a:80',
    '0.0.0.0:-1',
  ])
    t.match(read(listen(), one), /^refused/, one);
});

t.test('ranges are CIDR of both families; an address is a range of one', async (t) => {
  for (const one of ['192.168.0.0/16', '0.0.0.0/0', '10.0.0.1/32', 'fd00::/8', '::/0', '2001:db8::1/128'])
    t.equal(read(range(), one), one);
  t.equal(read(range(), '192.168.1.5'), '192.168.1.5/32');
  t.equal(read(range(), 'fe80::1'), 'fe80::1/128');
  for (const one of [
    '192.168.0.0/33',
    '192.168.0/16',
    '256.0.0.0/8',
    'fd00::/129',
    'fd00::/x',
    'home',
    '192.168.0.0-192.168.0.9',
    '/8',
  ])
    t.match(read(range(), one), /is not a range/, one);
});

t.test('time zones are those that this Node knows', async (t) => {
  t.equal(read(timeZone(), 'Europe/Berlin'), 'Europe/Berlin');
  t.match(read(timeZone(), 'Mars/Base'), /"Mars\/Base" is not a time zone/);
});

t.test('a certificate pin is written in one form', async (t) => {
  const bare = 'ab'.repeat(32);
  t.equal(read(fingerprint(), bare), bare);
  t.equal(read(fingerprint(), Array(32).fill('AB').join(':')), bare);
  t.match(read(fingerprint(), bare.slice(2)), /64 hex digits/);
});

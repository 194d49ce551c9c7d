// A viewer's address in every form that was seen or can be thought of.
import t from 'tap';
import { remoteAddress } from '../../src/neighbours/remote-address.ts';

const cases: readonly [string | null | undefined, string | null][] = [
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:51234', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['[::ffff:203.0.113.9]:8096', '203.0.113.9'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:80', 'fe80::1'],
  [' 192.168.1.5 ', '192.168.1.5'],
  ['::1', '::1'],
  ['', null],
  [null, null],
  [undefined, null],
  ['unknown', null],
  ['256.1.1.1', null],
  ['1.2.3', null],
  ['1.2.3.4/24', null],
  ['2001:db8::1::2', null],
  ['example.org:80', null],
  ['[::1]@evil:80', null],
];

t.test('an end point becomes a bare address or nothing', async (t) => {
  for (const [endPoint, address] of cases) t.equal(remoteAddress(endPoint), address, String(endPoint));
});

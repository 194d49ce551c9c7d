// Rows 13, 14: addresses and ranges, v4 and v6.
import t from 'tap';
import { formatAddress, inRange, isPrivate, parseAddress, parseRange, parseRanges } from '../../src/bandwidth/address-range.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const inside = (address: string, range: string): boolean => {
  const [one, all] = [parseAddress(address), parseRange(range)];
  if (one === null || all === null) throw new Error(`${address} or ${range} was not understood`);
  return inRange(one, all);
};

t.test('row 13: the edge addresses of a range are in it, their neighbours are not', async (t) => {
  for (const [range, first, last, before, after] of [
    ['192.168.0.0/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.6', '192.0.2.8'],
    ['192.0.2.8/31', '192.0.2.8', '192.0.2.9', '192.0.2.7', '192.0.2.10'],
    ['fd00::/8', 'fd00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe00::'],
    ['2001:db8:1::/56', '2001:db8:1::', '2001:db8:1:ff:ffff:ffff:ffff:ffff', '2001:db8::ffff', '2001:db8:1:100::'],
    ['::ffff:10.0.0.0/104', '10.0.0.0', '::ffff:10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ] as const) {
    t.ok(inside(first, range), `${first} in ${range}`);
    t.ok(inside(last, range), `${last} in ${range}`);
    t.notOk(inside(before, range), `${before} not in ${range}`);
    t.notOk(inside(after, range), `${after} not in ${range}`);
  }
  t.ok(inside('203.0.113.9', '0.0.0.0/0'));
  t.notOk(inside('2001:db8::1', '0.0.0.0/0'), 'a range of one family holds nothing of the other');
  t.notOk(inside('10.0.0.1', '::/0'));
});

t.test('row 13: a range with host bits set means its network, overlapping ranges do no harm', async (t) => {
  t.ok(inside('192.168.1.1', '192.168.77.5/16'));
  t.equal(parseRanges(['10.0.0.0/8', '10.1.0.0/16', 'nonsense', '']).length, 2);
});

t.test('row 14: IPv6 endpoints in brackets, with port, with zone, and v4-mapped', async (t) => {
  for (const [text, same] of [
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['192.0.2.1:8096', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['2001:DB8::A', '2001:db8::a'],
  ] as const)
    t.same(parseAddress(text), parseAddress(same), text);
  t.equal(parseAddress('2001:db8::1')?.family, 6);
  t.equal(parseAddress('::ffff:192.0.2.1')?.family, 4);
});

t.test('what is no address or range is null, never a wrong one', async (t) => {
  for (const text of [
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.-4',
    '1.2.3.4e',
    '2001',
    ':::',
    '1::2::3',
    '12345::',
    '::1.2.3.4.5',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '::ffff:1.2.3.999',
  ])
    t.equal(parseAddress(text), null, JSON.stringify(text));
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/x',
    '::/129',
    '::ffff:10.0.0.0/95',
    '/8',
  ])
    t.equal(parseRange(text), null, text);
});

t.test('an address that was written can be read again, for 500 of each family', async (t) => {
  const random = seededRandom(14);
  let wrong = 0;
  for (let i = 0; i < 1_000; i += 1) {
    const family = i % 2 === 0 ? 4 : 6;
    let value = 0n;
    for (let part = 0; part < (family === 4 ? 2 : 8); part += 1) value = (value << 16n) | BigInt(Math.floor(random() * 65_536));
    const address = { family, value } as const;
    const back = parseAddress(formatAddress(address));
    if (back?.value !== value || back.family !== family) wrong += 1;
  }
  t.equal(wrong, 0);
});

t.test('private addresses are those of no viewer on the internet', async (t) => {
  for (const text of ['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.9.9', '::1', 'fe80::1', 'fd12::1']) {
    const address = parseAddress(text);
    t.ok(address !== null && isPrivate(address), text);
  }
  for (const text of ['172.32.0.0', '100.64.0.1', '203.0.113.9', '2001:db8::1', '169.254.1.1']) {
    const address = parseAddress(text);
    t.ok(address !== null && !isPrivate(address), text);
  }
});

// How much may go, by a clock of the test's own; and who is in which network.
import t from 'tap';
import { isIn, networksOf } from '../../src/torrent/networks.ts';
import { openSentRate } from '../../src/torrent/sent-rate.ts';
import { openUploadBudget } from '../../src/torrent/upload-budget.ts';

t.test('over any time as much goes as the limit says, and a little burst after a silence', async (t) => {
  let now = 0;
  const budget = openUploadBudget(() => now);
  const sent = (ms: number) => {
    let bytes = 0;
    for (const end = now + ms; now < end; now += 10) while (bytes < 1e9 && budget.take(16_384)) bytes += 16_384;
    return bytes;
  };
  t.ok(sent(10) >= 1e9, 'no limit at first');
  budget.set(8_000_000);
  const rate = sent(10_000) / 10;
  t.ok(rate > 950_000 && rate < 1_060_000, `${rate}`);
  now += 3_600_000;
  const after = sent(10);
  t.ok(after > 200_000 && after < 300_000, `${after} after an hour of silence`);
  budget.set(8_000);
  t.ok(sent(100_000) <= 140_000, 'also less than a block a second');
  budget.set(0);
  t.equal(sent(60_000), 0);
  budget.set(null);
  t.ok(sent(10) >= 1e9);
});

t.test('a rate is that of the last two seconds', async (t) => {
  let now = 0;
  const rateOf = openSentRate(() => now);
  t.equal(rateOf(0), 0);
  let bytes = 0;
  for (; now < 5_000; now += 500) {
    bytes += 500_000;
    rateOf(bytes);
  }
  now -= 500;
  t.equal(rateOf(bytes), 8_000_000);
  now += 1_000;
  t.equal(rateOf(bytes), 4_000_000);
  now += 5_000;
  rateOf(bytes);
  now += 2_000;
  t.equal(rateOf(bytes), 0);
});

t.test('an address is in a network, however it is written', async (t) => {
  const home = networksOf(['192.168.0.0/16', '10.1.2.3', 'fd00::/8']);
  for (const address of ['192.168.4.5', '::ffff:192.168.4.5', '10.1.2.3', 'fd12::1', '[fd12::1]'])
    t.ok(isIn(home, address), address);
  for (const address of ['193.168.4.5', '10.1.2.4', '2001:db8::1', '', 'x', '::ffff:8.8.8.8'])
    t.notOk(isIn(home, address), address);
  const withVpn = networksOf(['10.0.0.0/8', '!10.8.0.0/24']);
  t.same(
    ['10.9.0.1', '10.8.0.1', '::ffff:10.8.0.1', '192.168.0.1'].map((address) => isIn(withVpn, address)),
    [true, false, false, false],
  );
  for (const network of ['x', '!x', '!', '192.168.0.0/33', '192.168.0.0/-1', '192.168.0.0/x', ''])
    t.throws(() => networksOf([network]), { message: /is no network/ });
});

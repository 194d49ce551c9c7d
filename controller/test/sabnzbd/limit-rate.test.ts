// Percentages and bytes/s: what SABnzbd would take for the other is never sent, and its user's percentage comes back as that.
import t from 'tap';
import { fromBytesText, maxBytesOf, roundedBps, spell } from '../../src/sabnzbd/limit-rate.ts';

const mib = 1024 * 1024;

t.test('a limit is spelled by its value', async (t) => {
  const cases: readonly { readonly bytes: number; readonly max: number; readonly text: string; readonly kept?: number }[] = [
    { bytes: 512_000, max: 0, text: '512000' },
    { bytes: 512_000, max: 10 * mib, text: '512000' },
    { bytes: 8_388_608, max: 10 * mib, text: '80%' },
    { bytes: 3_460_300, max: 10 * mib, text: '33%' },
    { bytes: 10 * mib, max: 10 * mib, text: '100%' },
    { bytes: 10 * mib + 1, max: 10 * mib, text: '10485761' },
    { bytes: 50, max: 5_000, text: '1%' },
    { bytes: 100, max: 0, text: '101', kept: 101 },
    { bytes: 50, max: 10 * mib, text: '101', kept: 101 },
    { bytes: 1 / 8, max: 0, text: '101', kept: 101 },
    { bytes: 0, max: 10 * mib, text: '0' },
    { bytes: -1, max: 10 * mib, text: '-1' },
    { bytes: -5, max: 0, text: '-1', kept: -1 },
    { bytes: 1e15, max: 0, text: '1000000000000', kept: 1e12 },
  ];
  for (const { bytes, max, text, kept = bytes } of cases)
    t.same(spell(bytes * 8, max), { text, keptBps: kept * 8 }, `${bytes} of ${max}`);
});

t.test('each whole percentage of whatever maximum comes back as itself, in every version’s arithmetic', async (t) => {
  for (const max of [10 * mib, 12_500_000, 1_000_003, 7_777, 131_072]) {
    for (let percent = 1; percent <= 100; percent += 1) {
      const told = fromBytesText(String((max * percent) / 100)); // up to 3.6 with its fraction
      const { text, keptBps } = spell(told, max);
      if (text !== `${percent}%` || keptBps !== told) t.fail(`${percent} % of ${max}: ${text}`);
    }
  }
});

t.test('figures are read as SABnzbd writes them', async (t) => {
  t.equal(fromBytesText('8388608'), 67_108_864);
  t.equal(fromBytesText('5347737.6'), 8 * 5_347_737);
  t.equal(fromBytesText('0'), 0);
  t.equal(fromBytesText(''), 0);
  t.equal(fromBytesText('-1'), -8);
  t.equal(maxBytesOf('10M'), 10 * mib);
  t.equal(maxBytesOf('1.5 g'), 1.5 * 1024 * mib);
  t.equal(maxBytesOf('12500000'), 12_500_000);
  t.equal(maxBytesOf(''), 0);
});

t.test('a cap is whole KiB/s, at least one, and never none', async (t) => {
  t.equal(roundedBps(5_600_000), 8 * 683 * 1024);
  t.equal(roundedBps(1), 8_192);
  t.equal(roundedBps(0), 0);
  t.equal(roundedBps(-8), -8);
  t.equal(spell(roundedBps(0.001), 0).keptBps, 8_192);
});

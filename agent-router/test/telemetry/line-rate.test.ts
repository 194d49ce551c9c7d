// Rates from two readings of a device's counters.
import t from 'tap';
import { type LineSample, lineRate } from '../../src/telemetry/line-rate.ts';

const before: LineSample = { device: 'eth1', ifindex: 4, uptimeS: 100, clockS: 100, txBytes: 1_000_000, rxBytes: 5_000_000 };
const after = (change: Partial<LineSample>): LineSample => ({ ...before, uptimeS: 101, clockS: 101, ...change });

t.test('bytes of one second become bit/s, up from tx and down from rx', async (t) => {
  t.same(lineRate(before, after({ txBytes: 1_500_000, rxBytes: 6_000_000 })), {
    upBps: 4_000_000,
    downBps: 8_000_000,
    intervalS: 1,
  });
});

t.test('the router clock divides, however late the answer came', async (t) => {
  t.same(lineRate(before, after({ uptimeS: 102.5, clockS: 102.5, txBytes: 1_250_000 })), {
    upBps: 800_000,
    downBps: 0,
    intervalS: 2.5,
  });
});

t.test('counters beyond 32 bits are exact', async (t) => {
  const far = { ...before, txBytes: 9_000_000_000_000, rxBytes: 2 ** 40 };
  t.match(lineRate(far, { ...far, uptimeS: 101, clockS: 101, txBytes: far.txBytes + 125 }), { upBps: 1000 });
});

const untrusted: readonly (readonly [string, Partial<LineSample>, string])[] = [
  ['a reboot', { uptimeS: 3, clockS: 3, txBytes: 10 }, 'rebooted'],
  ['a PPPoE device made anew, even where its counters are larger', { ifindex: 9, txBytes: 2_000_000 }, 'recreated'],
  ['another device', { device: 'eth2' }, 'recreated'],
  ['counters that fell', { txBytes: 10 }, 'reset'],
  ['a 32-bit wrap', { rxBytes: 100 }, 'reset'],
  ['a leap that no line can make', { txBytes: 1_000_000 + 2 ** 50 }, 'reset'],
  ['two readings at once', { uptimeS: 100.05, clockS: 100.05 }, 'too_close'],
  ['a gap of minutes', { uptimeS: 400, clockS: 400 }, 'too_far'],
];
for (const [what, change, reason] of untrusted)
  t.test(`${what} gives no rate instead of a wrong one`, async (t) => {
    t.equal(lineRate(before, after(change)), reason);
  });

t.test('a way without interface indices still gives rates', async (t) => {
  t.match(lineRate({ ...before, ifindex: null }, after({ ifindex: null, txBytes: 1_125_000 })), { upBps: 1_000_000 });
});

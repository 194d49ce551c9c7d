// Bytes through the WAN by the router's own counters (row 68): none lost in a silence, none counted twice.
import t from 'tap';
import { countWan, type WanSample } from '../../src/usage/count-wan.ts';

const FIRST: WanSample = {
  ...{ wan: 'router/wan', device: 'pppoe-wan', uptimeS: 10_000, txBytes: 5e9, rxBytes: 9e9, intervalS: 1 },
  ...{ upBps: 8_000_000, downBps: 16_000_000, utc: 1_800_000_000_000 },
};
const later = (seconds: number, change: Partial<WanSample> = {}): WanSample => ({
  ...FIRST,
  uptimeS: FIRST.uptimeS + seconds,
  utc: FIRST.utc + seconds * 1_000,
  txBytes: FIRST.txBytes + seconds * 1e6,
  rxBytes: FIRST.rxBytes + seconds * 2e6,
  ...change,
});

t.test('the first word tells of its own second, all others of what passed since', async (t) => {
  t.same(countWan(null, FIRST), { upBytes: 1e6, downBytes: 2e6, seenMs: 1_000, filledMs: 0 });
  t.same(countWan(FIRST, later(1)), { upBytes: 1e6, downBytes: 2e6, seenMs: 1_000, filledMs: 0 });
  t.same(
    countWan(FIRST, later(7)),
    { upBytes: 7e6, downBytes: 14e6, seenMs: 7_000, filledMs: 0 },
    'lost messages are no silence',
  );
});

t.test('a silence is filled by the counters, and told as such', async (t) => {
  t.same(countWan(FIRST, later(3_600)), { upBytes: 3_600e6, downBytes: 7_200e6, seenMs: 0, filledMs: 3_600_000 });
});

t.test('the same word twice counts once, and an old one counts for nothing', async (t) => {
  t.match(countWan(FIRST, FIRST), { upBytes: 0, seenMs: 0 });
  t.match(countWan(later(3), later(2, { utc: later(3).utc })), { upBytes: 0, downBytes: 0, seenMs: 0, filledMs: 0 });
});

t.test('counters that began anew count from 0: a line dialled again, a router that was started again', async (t) => {
  t.match(countWan(FIRST, later(2, { txBytes: 3_000, rxBytes: 4_000 })), { upBytes: 3_000, downBytes: 4_000, seenMs: 2_000 });
  const booted = later(600, { uptimeS: 120, txBytes: 7e6, rxBytes: 8e6 });
  t.same(countWan(FIRST, booted), { upBytes: 7e6, downBytes: 8e6, seenMs: 1_000, filledMs: 119_000 });
});

t.test('another WAN or another device has other counters, and what cannot be is not believed', async (t) => {
  for (const change of [{ wan: 'router/wanb' }, { device: 'eth1' }, { txBytes: 5e15 }])
    t.same(
      countWan(FIRST, later(60, change)),
      { upBytes: 1e6, downBytes: 2e6, seenMs: 1_000, filledMs: 0 },
      JSON.stringify(change),
    );
});

// Rows 4, 24, 25, 26: one uplink divided.
import t from 'tap';
import { divideUplink, reserveBps } from '../../../src/bandwidth/line/uplink-budget.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { M } from '../fixtures/decision-input.ts';

const line = {
  capacityBps: 40 * M,
  reserve: { percent: 10 },
  otherBps: 3 * M,
  runningBps: 8 * M,
  torrentFloorBps: M / 2,
} as const;

t.test(
  'row 4: capacity − reserve − other − floor is for viewers, what streams leave is for a new one and for torrents',
  async (t) => {
    t.same(divideUplink(line), {
      capacityBps: 40 * M,
      reserveBps: 4 * M,
      otherBps: 3 * M,
      viewersBps: 32.5 * M,
      newStreamBps: 24.5 * M,
      torrentsBps: 25 * M,
      headroomBps: 25 * M,
      torrentFloorBps: M / 2,
    });
  },
);

t.test('row 24: what is available drops by exactly the reserve', async (t) => {
  const without = divideUplink({ ...line, reserve: { bps: 0 } }).viewersBps;
  for (const bps of [1, 1_234_567, 10 * M]) t.equal(without - divideUplink({ ...line, reserve: { bps } }).viewersBps, bps);
  t.equal(reserveBps(40 * M, { percent: 12.5 }), 5 * M);
  t.equal(reserveBps(5 * M, { bps: 10 * M }), 5 * M, 'never more than there is');
});

t.test('rows 25, 26: a full or impossible uplink leaves viewers 0 and torrents the floor, never less', async (t) => {
  for (const change of [
    { otherBps: 100 * M },
    { capacityBps: 0 },
    { runningBps: 500 * M },
    { reserve: { percent: 90 } as const, otherBps: 4 * M },
  ]) {
    const parts = divideUplink({ ...line, ...change });
    t.equal(parts.newStreamBps, 0);
    t.equal(parts.torrentsBps, M / 2);
    t.ok(parts.viewersBps >= 0 && parts.headroomBps >= 0);
  }
});

t.test('property: parts never exceed the line unless the floor alone does, for 2,000 lines', async (t) => {
  const random = seededRandom(24);
  let wrong = 0;
  for (let i = 0; i < 2_000; i += 1) {
    const given = {
      capacityBps: Math.round(random() * 1e9),
      reserve: random() < 0.5 ? { percent: random() * 90 } : { bps: random() * 20 * M },
      otherBps: random() * 50 * M,
      runningBps: random() * 50 * M,
      torrentFloorBps: random() * 2 * M,
    };
    const parts = divideUplink(given);
    const usable = Math.max(0, given.capacityBps - parts.reserveBps - given.otherBps);
    if (parts.viewersBps > usable || parts.torrentsBps > Math.max(given.torrentFloorBps, usable - given.runningBps)) wrong += 1;
    if (!Object.values(parts).every((bps) => Number.isFinite(bps) && bps >= 0)) wrong += 1;
  }
  t.equal(wrong, 0);
});

// What download clients may fetch together.
import t from 'tap';
import { downloadsBps } from '../../src/bandwidth/download-budget.ts';
import { M } from './fixtures/decision-input.ts';

t.test('the capacity less a reserve and what others fetch, and at least the floor', async (t) => {
  const line = { capacityBps: 200 * M, reserve: { percent: 10 }, otherBps: 20 * M, floorBps: M } as const;
  t.equal(downloadsBps(line), 160 * M);
  t.equal(downloadsBps({ ...line, reserve: { bps: 5 * M } }), 175 * M);
  for (const change of [{ otherBps: 190 * M }, { capacityBps: 0 }, { reserve: { bps: 999 * M } }])
    t.equal(downloadsBps({ ...line, ...change }), M);
});

// Whatever channel, zone and change: no gap, no overlap, all in order, the same by days as at once.
import t from 'tap';
import { scheduleFaults } from './fixtures/schedule-faults.ts';

t.test(
  'row 76, row 85, row 131: sixteen random channels, planned, changed by hand, swapped and skipped, have no fault',
  async (t) => {
    for (let seed = 0; seed < 16; seed += 1) t.same(scheduleFaults(seed), []);
  },
);

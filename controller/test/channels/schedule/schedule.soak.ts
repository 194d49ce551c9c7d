// Very many random channels; a seed that fails is named.
import t from 'tap';
import { scheduleFaults } from './fixtures/schedule-faults.ts';

const CHANNELS = 3_000;

t.test(`${CHANNELS} random channels have no fault`, async (t) => {
  const first = 1_000;
  const faults: string[] = [];
  for (let seed = first; seed < first + CHANNELS; seed += 1) faults.push(...scheduleFaults(seed).slice(0, 2));
  t.same(faults.slice(0, 20), []);
});

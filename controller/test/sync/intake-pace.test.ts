// When work waits for a flood of hooks to end.
import t from 'tap';
import { createIntakePace } from '../../src/sync/intake-pace.ts';

const never = new AbortController().signal;

function openPace() {
  const now = { ms: 1_000 };
  const pace = createIntakePace({
    monotonic: () => now.ms,
    sleep: async (ms) => {
      now.ms += ms;
    },
  });
  const waited = async (): Promise<number> => {
    const from = now.ms;
    await pace.calm(never);
    return now.ms - from;
  };
  return { pace, now, waited };
}

t.test('nobody waits while few hooks come, however many came before', async (t) => {
  const { pace, now, waited } = openPace();
  t.equal(await waited(), 0);
  for (let n = 0; n < 200; n += 1) {
    pace.came();
    now.ms += 6;
  }
  t.equal(await waited(), 0, 'a series that is marked');
});

t.test('work waits until a flood is over', async (t) => {
  const { pace, waited } = openPace();
  for (let n = 0; n < 200; n += 1) pace.came();
  t.equal(await waited(), 100);
  t.equal(await waited(), 0);
});

t.test('a flood without an end holds nothing up for longer than three seconds', async (t) => {
  const now = { ms: 1_000 };
  const endless = createIntakePace({
    monotonic: () => now.ms,
    sleep: async (ms) => {
      now.ms += ms;
      for (let n = 0; n < 100; n += 1) endless.came();
    },
  });
  for (let n = 0; n < 100; n += 1) endless.came();
  const from = now.ms;
  await endless.calm(never);
  t.equal(now.ms - from, 3_000);
});

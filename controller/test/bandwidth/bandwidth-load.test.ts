// §7: whole turns over 200 sessions and 100 users.
import t from 'tap';
import { M, playing } from './fixtures/decision-input.ts';
import { openMemoryHome } from './fixtures/memory-home.ts';

const USERS = Array.from({ length: 100 }, (_, i) => `user-${i}`);
const streams = (at: number) =>
  Array.from({ length: 200 }, (_, i) =>
    playing(`user-${i % 100}`, {
      id: `s${i}`,
      address: `203.0.${i % 200}.9`,
      nominalBps: (1 + (i % 9)) * M,
      startedAt: 1_800_000_000_000,
      positionMs: at,
    }),
  );

t.test(
  '§7: a whole turn (read, decide, record, plan) over 200 sessions and 100 users takes at most 5 ms in the median',
  async (t) => {
    await using home = await openMemoryHome({ capacityUpBps: 2_000 * M }, USERS);
    home.play(...streams(0));
    await home.pass(5, 1_500 * M);
    t.equal(home.bandwidth.status().decision?.counted, 200);
    const times: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      const began = performance.now();
      // A message of the server and a sample of the WAN: two turns.
      home.play(...streams(i));
      await home.pass(1, (1_500 + i) * M);
      times.push((performance.now() - began) / 2);
    }
    const median = times.sort((a, b) => a - b)[20] ?? Number.POSITIVE_INFINITY;
    t.ok(median <= 5, `${median.toFixed(2)} ms`);
    t.comment(`${median.toFixed(2)} ms`);
  },
);

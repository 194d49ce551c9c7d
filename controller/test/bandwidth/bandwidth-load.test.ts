// §7: whole turns over 200 sessions and 100 users. What a turn costs is measured by the bench `controller`.
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

t.test('§7: 200 sessions and 100 users: every turn counts all and caps all', async (t) => {
  await using home = await openMemoryHome({ capacityUpBps: 2_000 * M }, USERS);
  home.play(...streams(0));
  await home.pass(5, 1_500 * M);
  t.equal(home.bandwidth.status().decision?.counted, 200);
  for (let i = 0; i < 5; i += 1) {
    home.play(...streams(i));
    await home.pass(1, (1_500 + i) * M);
    t.equal(home.bandwidth.status().decision?.counted, 200);
    t.equal([...home.limits.values()].filter((cap) => cap > 0).length, 100);
  }
});

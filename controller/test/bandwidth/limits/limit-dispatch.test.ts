// Putting back at the end: what fails for a moment is tried again before the program leaves.
import t from 'tap';
import { openHome } from '../fixtures/real-home.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

t.test('a media server that drops connections while Headgate stops gets its originals back all the same', async (t) => {
  await using home = await openHome({ jellyfin: { users: [{ name: 'anna', limitBps: 30_000_000 }, { name: 'ben' }] } });
  const run = await home.start({ capacityUpBps: 20_000_000 });
  await waitUntil('both are capped', () => home.jellyfin.limitOf('anna') < 30_000_000 && home.jellyfin.limitOf('ben') > 0);
  home.jellyfin.inject({ path: /^\/Users\//, answer: 'reset', times: 6 });
  const began = performance.now();
  await run.stop();
  t.ok(performance.now() - began < 8_000, 'within 8 s');
  t.same([home.jellyfin.limitOf('anna'), home.jellyfin.limitOf('ben')], [30_000_000, 0]);
});

// Who plays what, as a simulated Jellyfin tells it, and when somebody begins.
import t from 'tap';
import { startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { jellyfinAsNeighbour } from '../../../src/wiring/jellyfin-as-neighbour.ts';
import { createNowPlaying, type PlayedAt } from '../../../src/wiring/sync/now-playing.ts';
import { openTest, until, watched } from '../../jellyfin/neighbours.ts';
import { logIn } from '../../jellyfin/viewer.ts';
import { film, HOME } from '../../jellyfin/watched-simulator.ts';

t.test('who begins is told once; who plays already when a server is heard first is not', async (t) => {
  await using sim = await startJellyfinSimulator(HOME);
  const [big, small] = [film(sim, 'Big Test Movie'), film(sim, 'Small Movie')];
  const anna = await logIn(sim, 'anna', 'annapw');
  await anna.start(big, { remote: true });
  const playing = createNowPlaying();
  const began: PlayedAt[] = [];
  const end = playing.onBegan((at) => void began.push(at));
  const server = openTest(sim);
  await using _watch = watched({
    ...playing.noting(jellyfinAsNeighbour(server)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
  const at = (itemId: string) => ({ server: 'main', userId: anna.userId, itemId });
  await until('it is known', () => playing.isPlaying(at(big)));
  t.same(began, []);
  await anna.progress(big, { remote: true, positionMs: 5_000 });
  await anna.stop(big, { remote: true });
  await until('it ended', () => !playing.isPlaying(at(big)));
  await anna.start(small, { remote: true });
  await until('the next', () => playing.isPlaying(at(small)));
  t.same(began, [at(small)]);
  end();
  await anna.start(big, { remote: true });
  await until('another', () => playing.isPlaying(at(big)));
  t.equal(began.length, 1);
});

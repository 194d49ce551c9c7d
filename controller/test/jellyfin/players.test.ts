// Players behind the simulated server, asked by the real adapter: each request goes out once, and not at all where it would do harm.
import t from 'tap';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { openTest, until, watched } from './neighbours.ts';
import { film, HOME } from './watched-simulator.ts';

async function openPlayers() {
  const sim = await startJellyfinSimulator(HOME);
  const server = openTest(sim);
  const watch = watched(server);
  const anna = sim.viewer({ user: 'anna' });
  await anna.play(film(sim, 'Cap Film'));
  await until('heard', () => watch.ear.streams().length === 1);
  const stream = () => watch.ear.streams()[0] as NonNullable<ReturnType<typeof watch.ear.streams>[number]>;
  const sent = () =>
    sim.requests().filter(({ by, method, path }) => by === 'key' && method === 'POST' && path.startsWith('/Sessions/')).length;
  return {
    ...{ sim, server, anna, stream, sent },
    async [Symbol.asyncDispose]() {
      await anna[Symbol.asyncDispose]();
      await watch[Symbol.asyncDispose]();
      await sim[Symbol.asyncDispose]();
    },
  };
}

t.test('a player negotiates anew, shows a text that goes by itself, and begins its film anew at its place', async (t) => {
  await using all = await openPlayers();
  const { server, anna, stream, sent } = all;
  t.same(stream().skills, { renegotiates: true, replays: true, shows: true });
  t.equal(await server.players.renegotiate(stream(), AbortSignal.timeout(5_000)), true);
  await until('negotiated', () => anna.state().negotiations === 2);
  t.equal(sent(), 1);
  t.equal(await server.players.show(stream(), 'hello', AbortSignal.timeout(5_000)), true);
  await until('shown', () => anna.state().messages.join() === 'hello');
  t.equal(await server.players.replay(stream(), AbortSignal.timeout(5_000)), true);
  await until('begun anew', () => anna.state().negotiations === 3);
  await until('at its place', () => anna.state().positionMs > 0);
});

t.test('a paused player, one at another film and one that is gone are asked nothing', async (t) => {
  await using all = await openPlayers();
  const { server, anna, stream, sent, sim } = all;
  const before = stream();
  await anna.pause();
  t.equal(await server.players.renegotiate(before, AbortSignal.timeout(5_000)), false, 'it would begin to play');
  t.equal(await server.players.replay(before, AbortSignal.timeout(5_000)), false);
  await anna.resume();
  t.equal(await server.players.renegotiate({ ...before, itemId: 'another' }, AbortSignal.timeout(5_000)), false);
  await anna.leave();
  await until('gone', () => sim.sessions().every((session) => session['NowPlayingItem'] == null));
  t.equal(await server.players.renegotiate(before, AbortSignal.timeout(5_000)), false);
  t.equal(await server.players.show({ ...before, skills: null }, 'x', AbortSignal.timeout(5_000)), false);
  t.equal(sent(), 0);
});

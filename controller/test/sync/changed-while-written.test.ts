// A value that is taken back while it is on its way to another server. Found by the model.
import t from 'tap';
import { until } from '../../../deploy/test/end-to-end/fixtures/until.ts';
import { openInProcessHome } from './in-process-home.ts';

t.test(
  'taken back elsewhere while it is being written here, it is taken back here, too, though nothing of it is heard',
  async (t) => {
    const home = await openInProcessHome(t, { servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } } });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const running = await home.start();
    const anna = await attic.logIn('anna');
    const film = attic.itemId('Film 0');
    barn.sim.webhooks.hold();
    await anna.call('POST', `/UserFavoriteItems/${film}`);
    await until('it is there', () => barn.has('anna', 'Film 0').favourite);
    const left = async () => (await running.db.selectFrom('sync_queue').select('id').execute()).length;
    await until('nothing is left to do', async () => (await left()) === 0 && running.sync.busy() === 0);
    // Neither a hook of our own writing nor a look at what it has is to mend it.
    barn.sim.inject({ by: 'key', path: /^\/Items$/, times: 1_000, answer: 503 });
    barn.sim.forgetRequests();
    barn.sim.setLatency(1_000);
    await anna.call('DELETE', `/UserFavoriteItems/${film}`);
    const isBeingWritten = (): boolean =>
      barn.sim.requests().some(({ method, path }) => method === 'POST' && path.startsWith('/User'));
    await until('it is being written', isBeingWritten);
    await anna.call('POST', `/UserFavoriteItems/${film}`);
    const registers = async () => JSON.stringify(await running.db.selectFrom('sync_registers').select('registers').execute());
    await until('it is heard', async () => (await registers()).includes('\\"favourite\\":{\\"value\\":true'));
    t.equal(running.sync.busy(), 1, 'while it is still being written');
    barn.sim.setLatency(0);
    await until('nothing is left to do again', async () => (await left()) === 0 && running.sync.busy() === 0);
    t.equal(barn.has('anna', 'Film 0').favourite, true);
  },
);

t.test('who goes on by half a second, again and again, has gone on, also where something was written in between', async (t) => {
  const home = await openInProcessHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  await home.start();
  const [there, here] = [await attic.logIn('anna'), await barn.logIn('anna')];
  const goOn = (ms: number) =>
    there.call('POST', `/UserItems/${attic.itemId('Film 0')}/UserData`, { PlaybackPositionTicks: ms * 10_000 });
  await goOn(600_000);
  await until('it is there', () => barn.has('anna', 'Film 0').positionTicks === 6_000_000_000);
  await goOn(600_600);
  await here.call('POST', `/UserFavoriteItems/${barn.itemId('Film 0')}`);
  await until('it is written there', () => attic.has('anna', 'Film 0').favourite);
  await goOn(601_300);
  await until('it has gone on', () => barn.has('anna', 'Film 0').positionTicks === 6_013_000_000);
});

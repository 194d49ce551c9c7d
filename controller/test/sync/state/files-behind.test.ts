// A film with two files on a Jellyfin 12, which shows the state of the file that was played last.
import t, { type Test } from 'tap';
import { until } from '../../../../deploy/test/end-to-end/fixtures/until.ts';
import { films, openInProcessHome } from '../in-process-home.ts';

const TICKS = 10_000_000;

/** On attic the film has a second file, in which anna stands at 20 minutes. */
async function openHome(t: Test) {
  const film = { name: 'Two Files', runtimeMs: 5_400_000, providerIds: { Tmdb: '77' } };
  const library = (more: object) => [films(2), { name: 'Others', films: [{ ...film, ...more }] }];
  const home = await openInProcessHome(t, {
    servers: {
      attic: { version: '12.0.0', library: library({ versions: ['1080p'] }) },
      barn: { version: '10.11.11', library: library({}) },
    },
    settings: { maxRetries: 1, retryDelayMs: 100 },
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const [first = '', second = ''] = attic.sim.items.filter(({ name }) => name === film.name).map(({ id }) => id);
  attic.sim.importWatched('anna', second, {
    positionTicks: 1_200 * TICKS,
    playCount: 1,
    lastPlayed: '2026-01-02T00:00:00.0000000Z',
  });
  const running = await home.start();
  await until('barn has it', () => barn.has('anna', film.name).positionTicks === 1_200 * TICKS);
  const anna = await barn.logIn('anna');
  const shown = async (): Promise<unknown> => {
    const userId = attic.sim.users.byName('anna')?.id ?? '';
    return await attic.sync.server.state(userId, first, new AbortController().signal);
  };
  const queue = async () => await running.db.selectFrom('sync_queue').select(['status', 'problem']).execute();
  return { attic, barn, anna, running, first, second, film: film.name, shown, queue };
}

t.test(
  'what is written behind the file that is shown is written to that as well, and its old value is nobody’s wish',
  async (t) => {
    const { attic, barn, anna, running, first, second, film, shown, queue } = await openHome(t);
    await anna.call('POST', `/UserItems/${barn.itemId(film)}/UserData`, { PlaybackPositionTicks: 0 });
    await until('both files have it', () => [first, second].every((id) => attic.sim.watched('anna', id).positionTicks === 0));
    await until('nothing is left', async () => (await queue()).length === 0 && running.sync.busy() === 0);
    t.match(await shown(), { positionMs: 0 });
    t.equal(barn.has('anna', film).positionTicks, 0, 'it did not come back');
    const log = await running.db.selectFrom('sync_log').select('success').where('target', '=', 'attic').execute();
    t.ok(log.length > 0 && log.every(({ success }) => success === 1));
    await anna.call('POST', `/UserItems/${barn.itemId(film)}/UserData`, { PlaybackPositionTicks: 600 * TICKS });
    await until('and whatever comes later', () =>
      [first, second].every((id) => attic.sim.watched('anna', id).positionTicks === 600 * TICKS),
    );
    await until('nothing is left', async () => (await queue()).length === 0);
  },
);

t.test(
  'where the file that is shown does not take it, it is set aside after its tries, and nothing of it is spread',
  async (t) => {
    const { attic, barn, anna, running, second, film, queue } = await openHome(t);
    attic.sim.inject({
      by: 'key',
      method: 'POST',
      path: new RegExp(`^/UserItems/${second}/UserData$`),
      times: 1_000,
      answer: 400,
    });
    await anna.call('POST', `/UserItems/${barn.itemId(film)}/UserData`, { PlaybackPositionTicks: 0 });
    await until('it is set aside', async () => (await queue()).some(({ status }) => status === 'failed'));
    attic.sim.forgetRequests();
    for (const server of ['attic', 'barn']) running.sync.lookNow(server, true);
    await until('it was compared', () => attic.sim.requests().filter(({ path }) => path === '/Items').length > 2);
    await until('nothing is at work', () => running.sync.busy() === 0);
    t.equal(barn.has('anna', film).positionTicks, 0);
  },
);

t.test('what a hook tells of the file itself is no loss of what has been shown in its place', async (t) => {
  const { attic, barn, running, first, second, film, shown } = await openHome(t);
  const atAttic = await attic.logIn('anna');
  await atAttic.call('POST', `/UserFavoriteItems/${first}`);
  await until('the favourite', () => barn.has('anna', film).favourite);
  t.equal(barn.has('anna', film).positionTicks, 1_200 * TICKS);
  // Played in a player of theirs: the file that no list has.
  await atAttic.call('POST', `/UserItems/${second}/UserData`, {
    PlaybackPositionTicks: 900 * TICKS,
    LastPlayedDate: '2026-01-03T00:00:00Z',
  });
  await until('where they are now', () => barn.has('anna', film).positionTicks === 900 * TICKS);
  await until('nothing is at work', () => running.sync.busy() === 0);
  t.match(await shown(), { positionMs: 900_000, favourite: true });
});

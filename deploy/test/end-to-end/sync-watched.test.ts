// Three Jellyfins of three versions: what anna does on one, the others have, once.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

const isLook = ({ path }: { readonly path: string }): boolean => /^\/(User)?Items/.test(path);

t.test('row 253: what is done on one of three servers arrives on the two others once', async (t) => {
  const home = await startSyncHome(t, {
    servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' }, cabin: { version: '10.10.7' } },
  });
  const [attic, barn, cabin] = home.servers;
  if (!attic || !barn || !cabin) return;
  const users = await Promise.all(home.servers.map((one) => one.logIn('anna')));
  const [atAttic, atBarn, atCabin] = users;
  if (!atAttic || !atBarn || !atCabin) return;
  const everywhere = async (film: string, wanted: Readonly<Record<string, unknown>>): Promise<void> => {
    const has = async (): Promise<boolean> => {
      const states = await Promise.all(users.map((user) => user.state(film)));
      return states.every((state) => Object.entries(wanted).every(([key, value]) => state[key] === value));
    };
    await until(`${film} is ${JSON.stringify(wanted)} everywhere`, has, { show: () => home.controller.lines().slice(-6) });
  };
  /** What we ask of each server about its own item of this name. */
  const asked = (film: string) =>
    home.servers.map(({ sim, itemId }) =>
      sim.requests().flatMap(({ by, method, path }) => (by === 'key' && path.includes(itemId(film)) ? [method] : [])),
    );

  await t.test('a favourite: one reading, one write and one reading at each of the others, nothing at home', async (t) => {
    // The first meeting looks at everything for a while.
    const looks = (): number => home.servers.reduce((sum, { sim }) => sum + sim.requests().filter(isLook).length, 0);
    for (let before = -1; before !== looks(); await wait(1_500)) before = looks();
    for (const { sim } of home.servers) sim.forgetRequests();
    await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId('Alpha')}`);
    await everywhere('Alpha', { IsFavorite: true, Likes: undefined, Played: false });
    await wait(1_500);
    const once = ['GET', 'POST', 'GET'];
    t.same(asked('Alpha'), [[], once, once]);
  });

  await t.test('row 256: watched and unwatched, both ways', async (t) => {
    await atBarn.call('POST', `/UserPlayedItems/${barn.itemId('Beta')}`);
    await everywhere('Beta', { Played: true, PlayCount: 1 });
    await atCabin.call('DELETE', `/UserPlayedItems/${cabin.itemId('Beta')}`);
    await everywhere('Beta', { Played: false, PlayCount: 0, LastPlayedDate: undefined });
    t.pass();
  });

  await t.test('row 258: like, dislike and neither', async (t) => {
    await atCabin.call('POST', `/UserItems/${cabin.itemId('Gamma')}/Rating?likes=false`);
    await everywhere('Gamma', { Rating: 1, Likes: false });
    await atAttic.call('POST', `/UserItems/${attic.itemId('Gamma')}/Rating?likes=true`);
    await everywhere('Gamma', { Rating: 10, Likes: true });
    await atBarn.call('DELETE', `/UserItems/${barn.itemId('Gamma')}/Rating`);
    await everywhere('Gamma', { Rating: undefined, Likes: undefined });
    t.pass();
  });

  await t.test('rows 303, 314: on and off at once: the last one holds', async (t) => {
    for (const on of [true, false, true, false, true, false])
      await atAttic.call(on ? 'POST' : 'DELETE', `/UserFavoriteItems/${attic.itemId('Delta')}`);
    // What is nearer than two clocks can be compared may go either way.
    await wait(1_000);
    await everywhere('Delta', { IsFavorite: false });
    await atBarn.call('POST', `/UserFavoriteItems/${barn.itemId('Delta')}`);
    await everywhere('Delta', { IsFavorite: true });
    t.pass();
  });

  await t.test('a server that is taken out of the configuration is waited for no more; put back, it has all of it', async (t) => {
    const onBarn = async (film: string): Promise<void> => {
      await atAttic.call('POST', `/UserFavoriteItems/${attic.itemId(film)}`);
      await until(`${film} is on barn`, async () => (await atBarn.state(film))['IsFavorite'] === true);
    };
    const api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
    const pending = async () => (await api.get<{ pending_events: number }>('/api/queue')).pending_events;
    await until('nothing is on its way', async () => (await pending()) === 0);
    await cabin.sim.powerOff();
    await onBarn('Beta');
    await home.controller.stop();
    await home.configure({ servers: ['attic', 'barn'].map((name) => ({ name })) });
    await home.controller.start();
    await onBarn('Gamma');
    const told = () => home.controller.lines().filter(({ text }) => text?.includes('configured no more'));
    t.match(told(), [{ servers: ['cabin'], dropped: 1 }]);
    await home.controller.stop();
    await home.configure({});
    await cabin.sim.powerOn();
    await home.controller.start();
    for (const film of ['Beta', 'Gamma']) await everywhere(film, { IsFavorite: true });
  });
});

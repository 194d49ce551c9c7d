// Two playlists on three simulated servers, changed at random, while connections break and we are started anew: all agree in the end, and nothing is lost.
import t from 'tap';
import { FILMS, type ListsServer, startListsHome } from './lists-home.ts';

/** Numbers below `limit`, the same for each seed (mulberry32). */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const SEEDS = [1, 2, 3];
/** Each of the two lists holds its own for ever: so they are known whatever they are called. */
const MARKS = ['Alpha', 'Beta'] as const;

for (const seed of SEEDS)
  t.test(`seed ${seed}`, async (t) => {
    const pick = random(seed);
    const films = [...FILMS, 'Zeta', 'Kappa', 'Theta', 'Iota'];
    const versions = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' }, cabin: { version: '10.10.7' } };
    const home = await startListsHome(t, {
      servers: Object.fromEntries(Object.entries(versions).map(([name, one]) => [name, { ...one, films }])),
    });
    for (const { name, token } of home.servers) home.tokens.set(name, token);
    const [attic] = home.servers;
    for (const mark of MARKS) await attic?.person.create(`List of ${mark}`, [mark]);
    await home.settle();
    const [added, taken] = [new Set<string>(), new Set<string>()];
    const idOf = ({ sim }: ListsServer, film: string): string => sim.items.find(({ name }) => name === film)?.id ?? '';
    const listOf = (server: ListsServer, mark: string) =>
      server.sim.playlists().find(({ itemIds }) => itemIds.includes(idOf(server, mark)));
    const act = async (server: ListsServer, step: number): Promise<void> => {
      const mark = MARKS[pick(2)] ?? 'Alpha';
      const list = listOf(server, mark);
      const film = films[pick(films.length)] ?? '';
      const what = pick(8);
      // Cut off in the middle of being written, it may lack its mark for a moment.
      if (list === undefined || (MARKS as readonly string[]).includes(film)) return;
      const stands = list.itemIds.includes(idOf(server, film));
      if (what < 4 && !stands) {
        await server.person.add(list.id, [film]);
        added.add(`${mark} ${film}`);
      } else if (what === 4 && stands) {
        await server.person.remove(list.id, [film]);
        taken.add(`${mark} ${film}`);
      } else if (what === 5) await server.person.rename(list.id, `${mark} ${step}`);
      else if (stands) await server.person.move(list.id, film, pick(list.itemIds.length));
    };
    for (let step = 0; step < 60; step += 1) {
      const server = home.servers[pick(3)];
      if (server === undefined) continue;
      const chance = pick(10);
      if (chance < 6) await act(server, step);
      else if (chance < 9) await home.look(server.name).catch(() => {});
      else {
        const answer = pick(2) === 0 ? 'reset' : 'lost';
        server.sim.inject({ method: 'POST', path: /^\/Playlists/, answer, by: 'key' });
        server.sim.inject({ method: 'DELETE', path: /^\/Playlists/, answer, by: 'key' });
        await home.look(server.name).catch(() => {});
        server.sim.clearFaults();
        if (pick(2) === 0) home.restart();
      }
    }
    await home.settle();
    const [first, ...others] = home.servers.map((server) => server.lists());
    for (const lists of others) t.same(lists, first);
    t.equal(first?.length, 2);
    for (const one of added) {
      const [mark = '', film = ''] = one.split(' ');
      const list = first?.find((text) => text.split(': ')[1]?.split(' ').includes(mark));
      if (!taken.has(one)) t.ok(list?.includes(film), `${film} is in ${list}`);
    }
    t.same(home.told, []);
  });

// Playlists of simulated Jellyfins of three versions are kept the same.
import t, { type Test } from 'tap';
import { startListsHome } from './lists-home.ts';

const THREE = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' }, cabin: { version: '10.10.7' } };

t.test('row 259: playlists of three servers of three versions, with a log-in where a key may not', async (t) => {
  const home = await startListsHome(t, { servers: THREE });
  const [attic, barn, cabin] = home.servers;
  if (!attic || !barn || !cabin) return;
  for (const { name, token } of home.servers) home.tokens.set(name, token);
  const everywhere = (t: Test, ...lists: readonly string[]): void => {
    for (const server of home.servers) t.same(server.lists(), lists, server.name);
  };

  await t.test('made on one, it is on all, and nothing is written a second time', async (t) => {
    await attic.person.create('Friday', ['Beta', 'Alpha']);
    await home.settle();
    everywhere(t, 'Friday: Beta Alpha');
    const before = home.servers.map((server) => server.writes());
    await home.settle();
    t.same(
      home.servers.map((server) => server.writes()),
      before,
    );
  });

  await t.test('added on one and added on another: both', async (t) => {
    await barn.person.add('Friday', ['Gamma']);
    await cabin.person.add('Friday', ['Delta']);
    await home.settle();
    everywhere(t, 'Friday: Beta Alpha Gamma Delta');
  });

  await t.test('moved, renamed, and taken out, each on another server', async (t) => {
    await attic.person.move('Friday', 'Delta', 0);
    await barn.person.rename('Friday', 'Saturday');
    await cabin.person.remove('Friday', ['Alpha']);
    await home.settle();
    everywhere(t, 'Saturday: Delta Beta Gamma');
  });

  await t.test('an item that stands twice', async (t) => {
    await attic.person.add('Saturday', ['Delta']);
    await home.settle();
    everywhere(t, 'Saturday: Delta Beta Gamma Delta');
    await barn.person.move('Saturday', 'Beta', 3);
    await home.settle();
    everywhere(t, 'Saturday: Delta Gamma Delta Beta');
    await cabin.person.remove('Saturday', ['Delta']);
    await home.settle();
    everywhere(t, 'Saturday: Gamma Beta');
  });

  await t.test('a new controller on the same database takes nothing for new', async (t) => {
    const before = home.servers.map((server) => server.writes());
    home.restart();
    await home.settle();
    t.same(
      home.servers.map((server) => server.writes()),
      before,
    );
    await cabin.person.add('Saturday', ['Alpha']);
    home.restart();
    await home.settle();
    everywhere(t, 'Saturday: Gamma Beta Alpha');
  });

  await t.test('deleted on one, it goes everywhere; a new one of that name is another', async (t) => {
    await barn.person.delete('Saturday');
    await home.settle();
    everywhere(t);
    t.same((await home.overview()).lists, [], 'nothing is kept of it');
    await cabin.person.create('Saturday', []);
    await home.settle();
    everywhere(t, 'Saturday: ');
  });

  await t.test('deleted on one and changed on another: it is there again', async (t) => {
    await attic.person.delete('Saturday');
    await barn.person.add('Saturday', ['Beta']);
    await home.settle();
    everywhere(t, 'Saturday: Beta');
  });
  t.same(home.told, []);
});

t.test('row 259: by key alone what a key may not do waits, and says that it needs a log-in', async (t) => {
  const home = await startListsHome(t, { servers: THREE });
  const [attic, barn, cabin] = home.servers;
  if (!attic || !barn || !cabin) return;
  await attic.person.create('Friday', ['Alpha', 'Beta', 'Gamma']);
  await home.settle();
  t.same(cabin.lists(), ['Friday: Alpha Beta Gamma']);
  await attic.person.move('Friday', 'Gamma', 0);
  await attic.person.remove('Friday', ['Beta']);
  await attic.person.add('Friday', ['Delta']);
  await home.settle();
  t.same(barn.lists(), ['Friday: Gamma Alpha Delta'], '10.11 lets a key take entries out');
  t.same(cabin.lists(), ['Friday: Alpha Beta Gamma Delta'], '10.10 does not: what is new is there at least');
  await attic.person.rename('Friday', 'Saturday');
  await home.settle();
  t.same([barn.lists(), cabin.lists()], [['Friday: Gamma Alpha Delta'], ['Friday: Alpha Beta Gamma Delta']]);
  const [list] = (await home.overview()).lists;
  t.same([list?.name, list?.person], ['Saturday', 'anna']);
  for (const name of ['barn', 'cabin']) t.match(list?.places.find(({ server }) => server === name)?.problem, /needs a log-in/);
  t.equal(list?.places.find(({ server }) => server === 'attic')?.problem, null);
  t.same(await home.standing(), { needLogIn: 2, unclear: 0, failing: 0 });
  const before = home.servers.map((server) => server.writes());
  await home.settle();
  t.same(
    home.servers.map((server) => server.writes()),
    before,
    'it is not tried again and again',
  );
  for (const { name, token } of home.servers) home.tokens.set(name, token);
  await home.settle();
  for (const server of home.servers) t.same(server.lists(), ['Saturday: Gamma Alpha Delta'], server.name);
  t.same(
    (await home.overview()).lists.flatMap(({ places }) => places.map(({ problem }) => problem)),
    [null, null, null],
  );
});

t.test('what a server lacks is a hole: nothing is taken out elsewhere, and it is filled where the film appears', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: { films: ['Alpha', 'Gamma'] } } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  await attic.person.create('Friday', ['Alpha', 'Beta', 'Gamma']);
  await attic.person.create('Only Beta', ['Beta']);
  await home.settle();
  t.same(barn.lists(), ['Friday: Alpha Gamma'], 'a list of which it has nothing is not made');
  await barn.person.add('Friday', ['Alpha']);
  await home.settle();
  t.same(attic.lists(), ['Friday: Alpha Beta Gamma Alpha', 'Only Beta: Beta']);

  await t.test('it appears', async (t) => {
    const beta = { name: 'Beta', runtimeMs: 5_400_000, providerIds: { Tmdb: '1066' } };
    await barn.sim.addItems([{ name: 'More of barn', films: [beta] }]);
    await home.readIndex('barn');
    await home.settle();
    t.same(barn.lists(), ['Friday: Alpha Beta Gamma Alpha', 'Only Beta: Beta']);
  });

  await t.test('it vanishes, before or after we know', async (t) => {
    const gamma = barn.sim.items.find(({ name }) => name === 'Gamma');
    barn.sim.removeItems([gamma?.id ?? '']);
    await home.settle();
    await home.readIndex('barn');
    await home.settle();
    t.same(attic.lists(), ['Friday: Alpha Beta Gamma Alpha', 'Only Beta: Beta']);
    const { places } = (await home.overview()).lists.find(({ name }) => name === 'Friday') ?? {};
    t.match(places, [
      { server: 'attic', entries: 4 },
      { server: 'barn', entries: 3, problem: null },
    ]);
  });
});

t.test('lists that meet for the first time have all of both; two of one name are told and left alone', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  await barn.person.create('Friday', ['Delta', 'Alpha']);
  await attic.person.create('Friday', ['Alpha', 'Beta']);
  await barn.person.create('friday', ['Gamma']);
  const first = await barn.person.create('Twice', ['Alpha']);
  await barn.person.create('Twice', ['Beta']);
  await home.look('barn');
  await home.settle();
  t.same(attic.lists(), ['Friday: Delta Alpha Beta', 'friday: Gamma']);
  t.same(barn.lists(), ['Friday: Delta Alpha Beta', 'Twice: Alpha', 'Twice: Beta', 'friday: Gamma']);
  const met = (await home.overview()).log.filter(({ message }) => message.startsWith('met'));
  t.match(met, [{ target: 'attic', list: 'Friday', message: 'met its like: 1 of its 2 entries were new' }]);
  await t.rejects(home.undo(met[0]?.id ?? ''), { code: 'conflict' }, 'nothing was written then');
  const unclear = { server: 'barn', person: 'anna', name: 'Twice', why: 'two-of-one-name' };
  t.same(home.told, [unclear], 'once');
  t.match((await home.overview()).unclear, [unclear, unclear]);

  await t.test('named otherwise, each is clear', async (t) => {
    await barn.person.rename(first, 'Once');
    await home.settle();
    t.same(attic.lists(), ['Friday: Delta Alpha Beta', 'Once: Alpha', 'Twice: Beta', 'friday: Gamma']);
    t.same((await home.overview()).unclear, []);
  });
});

t.test('an administrator’s list is theirs, whoever else may see it, and another’s is not', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  const admin = attic.sim.users.byName('admin');
  const anna = attic.sim.users.byName('anna');
  const make = async (name: string, userId: string | undefined) => {
    const body = JSON.stringify({
      Name: name,
      Ids: [attic.sim.items.find((item) => item.name === 'Alpha')?.id],
      UserId: userId,
      MediaType: 'Video',
      IsPublic: true,
    });
    const authorization = `MediaBrowser Token="${attic.sim.apiKey}"`;
    return await fetch(`${attic.sim.url}/Playlists`, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/json' },
    });
  };
  t.equal((await make('The admin’s', admin?.id)).status, 200);
  t.equal((await make('Anna’s', anna?.id)).status, 200);
  await home.settle();
  const ownerOf = (list: string): string | undefined => {
    const { ownerId } = barn.sim.playlists().find(({ name }) => name === list) ?? {};
    return ['admin', 'anna'].find((name) => barn.sim.users.byName(name)?.id === ownerId);
  };
  t.same(barn.lists(), ['Anna’s: Alpha', 'The admin’s: Alpha']);
  t.same([ownerOf('Anna’s'), ownerOf('The admin’s')], ['anna', 'admin']);
});

t.test('one-way servers, dry run and pause', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {}, cabin: {} } });
  const [attic, barn, cabin] = home.servers;
  if (!attic || !barn || !cabin) return;
  home.settings.directions = { attic: 'source', cabin: 'target' };

  await t.test('a dry run writes nothing, and tells what it would', async (t) => {
    home.settings.dryRun = true;
    await attic.person.create('Friday', ['Alpha', 'Beta']);
    await home.settle();
    t.same([barn.lists(), cabin.lists()], [[], []]);
    const { places } = (await home.overview()).lists[0] ?? {};
    t.match(places?.find(({ server }) => server === 'barn')?.problem, /dry run/);
    home.settings.dryRun = false;
  });

  await t.test('paused, nothing is looked at', async (t) => {
    home.settings.paused = true;
    await home.settle();
    t.same(barn.lists(), []);
    home.settings.paused = false;
    await home.settle();
    t.same([barn.lists(), cabin.lists()], [['Friday: Alpha Beta'], ['Friday: Alpha Beta']]);
  });

  await t.test('what is done on a server that is only written to stays there, and is no news', async (t) => {
    await cabin.person.add('Friday', ['Gamma']);
    await cabin.person.create('Mine', ['Gamma']);
    await barn.person.add('Friday', ['Delta']);
    await home.settle();
    t.same(barn.lists(), ['Friday: Alpha Beta Delta']);
    t.same(cabin.lists(), ['Friday: Alpha Beta Delta Gamma', 'Mine: Gamma']);
    t.same(attic.lists(), ['Friday: Alpha Beta'], 'nothing is written to a source');
    await attic.person.remove('Friday', ['Beta']);
    await home.settle();
    t.same(cabin.lists(), ['Friday: Alpha Delta Gamma', 'Mine: Gamma']);
  });

  await t.test('a list that is deleted there is made again', async (t) => {
    await cabin.person.delete('Friday');
    await home.settle();
    t.same(cabin.lists(), ['Friday: Alpha Delta', 'Mine: Gamma']);
  });
});

t.test('a deleted list may be held, and made again', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  await attic.person.create('Friday', ['Alpha']);
  await home.settle();
  home.settings.weigh = ({ server, person, name }) =>
    server === 'attic' && person === 'anna' && name === 'Friday' ? 'held' : 'counts';
  await attic.person.delete('Friday');
  await home.settle();
  t.same([attic.lists(), barn.lists()], [[], ['Friday: Alpha']]);
  home.settings.weigh = () => 'bring-back';
  await home.settle();
  t.same([attic.lists(), barn.lists()], [['Friday: Alpha'], ['Friday: Alpha']]);
  home.settings.weigh = () => 'counts';
  await attic.person.delete('Friday');
  await home.settle();
  t.same([attic.lists(), barn.lists()], [[], []]);
});

t.test('cut off anywhere, and begun anew, every list is whole in the end', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  /** The connection breaks at the first of these; then a new controller goes on. */
  const cutOff = async (method: string, path: RegExp, answer: 'reset' | 'lost'): Promise<void> => {
    barn.sim.inject({ method, path, answer, by: 'key' });
    await home.look('attic');
    await home.look('barn').catch(() => {});
    barn.sim.clearFaults();
    home.restart();
    await home.settle();
  };

  await t.test('while it is made', async (t) => {
    await attic.person.create('Friday', ['Alpha', 'Beta', 'Gamma']);
    await cutOff('POST', /^\/Playlists$/, 'lost');
    t.same(barn.lists(), ['Friday: Alpha Beta Gamma'], 'once');
    t.same(attic.lists(), ['Friday: Alpha Beta Gamma']);
  });

  await t.test('between taking out and putting in again', async (t) => {
    await attic.person.move('Friday', 'Gamma', 0);
    await cutOff('POST', /^\/Playlists\/.*\/Items$/, 'reset');
    t.same([attic.lists(), barn.lists()], [['Friday: Gamma Alpha Beta'], ['Friday: Gamma Alpha Beta']]);
  });

  await t.test('after it was written, before that was known; and meanwhile it is what it was again', async (t) => {
    await attic.person.remove('Friday', ['Alpha']);
    barn.sim.inject({ method: 'DELETE', path: /Items$/, answer: 'lost', by: 'key' });
    await home.look('attic');
    await home.look('barn').catch(() => {});
    barn.sim.clearFaults();
    await attic.person.add('Friday', ['Alpha']);
    home.restart();
    await home.settle();
    t.same([attic.lists(), barn.lists()], [['Friday: Gamma Beta Alpha'], ['Friday: Gamma Beta Alpha']]);
  });

  await t.test('while it is deleted', async (t) => {
    await attic.person.delete('Friday');
    await cutOff('DELETE', /^\/Items\//, 'lost');
    t.same([attic.lists(), barn.lists()], [[], []]);
  });
});

t.test('what was written is taken back by doing the opposite: what was done since stays', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  const areBoth = (t: Test, ...lists: readonly string[]): void => void t.same([attic.lists(), barn.lists()], [lists, lists]);
  const lastWritten = async (): Promise<string> => (await home.overview()).log[0]?.id ?? '';
  await attic.person.create('Friday', ['Alpha', 'Beta', 'Gamma']);
  await home.settle();
  await t.rejects(home.undo(await lastWritten()), { code: 'conflict' }, 'deleting is not ours to do');
  await attic.person.remove('Friday', ['Alpha', 'Beta']);
  await home.settle();
  const removal = await lastWritten();
  await barn.person.add('Friday', ['Delta']);
  await home.settle();
  await home.undo(removal);
  await home.settle();
  areBoth(t, 'Friday: Alpha Beta Gamma Delta');

  await t.test('a list that was deleted', async (t) => {
    await attic.person.delete('Friday');
    await home.settle();
    areBoth(t);
    const deletion = await lastWritten();
    await home.undo(deletion);
    await home.settle();
    areBoth(t, 'Friday: Alpha Beta Gamma Delta');
    await t.rejects(home.undo(deletion), { code: 'conflict', message: /another list "Friday"/ });
    await t.rejects(home.undo('nothing'), { code: 'not_found' });
  });
});

t.test(
  'a range of time is taken back, told first; what was done since stays, and what cannot be taken back says why',
  async (t) => {
    const home = await startListsHome(t, { servers: { attic: {}, barn: {}, cabin: {} } });
    const [attic, barn, cabin] = home.servers;
    if (!attic || !barn || !cabin) return;
    // With a log-in each may do all.
    for (const { name, token } of home.servers) home.tokens.set(name, token);
    const are = (...lists: readonly string[]): void => {
      for (const server of home.servers) t.same(server.lists(), [...lists].sort(), server.name);
    };
    await attic.person.create('Friday', ['Alpha', 'Beta', 'Gamma']);
    await attic.person.create('Sunday', ['Beta']);
    await attic.person.create('Quiet', ['Beta']);
    await home.settle();
    const sinceMs = Date.now();
    await attic.person.remove('Friday', ['Alpha']);
    await home.settle();
    await barn.person.add('Friday', ['Delta']);
    await home.settle();
    await cabin.person.move('Friday', 'Gamma', 0);
    await home.settle();
    await cabin.person.delete('Sunday');
    await attic.person.create('Monday', ['Gamma']);
    await home.settle();
    are('Friday: Gamma Beta Delta', 'Monday: Gamma', 'Quiet: Beta');
    const untilMs = Date.now();
    await barn.person.add('Friday', ['Epsilon']);
    await barn.person.rename('Friday', 'Saturday');
    await home.settle();
    const range = { sinceMs, untilMs, person: null, server: null };

    const told = await home.undoRange(range, true);
    const inOrder = (undone: typeof told) => [...undone].sort((a, b) => (a.name < b.name ? -1 : 1));
    const wanted = [
      {
        person: 'anna',
        name: 'Monday',
        entries: null,
        kept: ['a list that was made is taken back by deleting it on any server'],
      },
      { person: 'anna', name: 'Saturday', entries: 4, kept: [] },
      { person: 'anna', name: 'Sunday', entries: 1, kept: [] },
    ];
    t.same(inOrder(told), wanted);
    await home.settle();
    are('Saturday: Gamma Beta Delta Epsilon', 'Monday: Gamma', 'Quiet: Beta');

    t.same(await home.undoRange({ ...range, person: 'ben' }), []);
    t.same(inOrder(await home.undoRange(range)), wanted);
    await home.settle();
    are('Saturday: Alpha Beta Gamma Epsilon', 'Monday: Gamma', 'Quiet: Beta', 'Sunday: Beta');
    const again = inOrder(await home.undoRange(range));
    t.same(
      again.map(({ name, entries }) => [name, entries]),
      [
        ['Monday', null],
        ['Saturday', null],
        ['Sunday', null],
      ],
      'and no second time',
    );
  },
);

t.test('a user who is gone from a server takes no list along elsewhere', async (t) => {
  const home = await startListsHome(t, { servers: { attic: {}, barn: {} } });
  const [attic, barn] = home.servers;
  if (!attic || !barn) return;
  await attic.person.create('Friday', ['Alpha']);
  await home.settle();
  attic.sim.users.remove(attic.sim.users.byName('anna')?.id ?? '');
  await home.settle();
  t.same([attic.lists(), barn.lists()], [[], ['Friday: Alpha']]);
  t.same(
    (await home.overview()).lists.flatMap(({ places }) => places.map(({ server }) => server)),
    ['barn'],
  );
});

t.test(
  'by itself: a change is brought at once to whoever answers, and to who was away as soon as they answer again',
  async (t) => {
    const home = await startListsHome(t, { servers: { attic: {}, barn: {}, cabin: {} } });
    const [attic, barn, cabin] = home.servers;
    if (!attic || !barn || !cabin) return;
    const life = new AbortController();
    const running = home.run(life.signal);
    const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
      for (let tries = 0; !(await isSo()); tries += 1) {
        if (tries > 500) throw new Error('not within ten seconds');
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    barn.sim.inject({ path: /./, answer: 'reset', by: 'key', times: 1_000 });
    await attic.person.create('Friday', ['Alpha']);
    home.lookNow('attic');
    await until(() => cabin.lists().join() === 'Friday: Alpha');
    home.lookNow('barn');
    await until(async () => (await home.overview()).away.some(({ server }) => server === 'barn'));
    await cabin.person.add('Friday', ['Beta']);
    home.lookNow('cabin');
    await until(() => attic.lists().join() === 'Friday: Alpha Beta');
    t.same(barn.lists(), []);
    barn.sim.clearFaults();
    home.lookNow('barn');
    await until(() => barn.lists().join() === 'Friday: Alpha Beta');
    await until(async () => (await home.overview()).away.length === 0);
    life.abort();
    await running;
  },
);

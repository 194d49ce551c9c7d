// Users of three servers of three versions: made with the rights of the source before the door opens, once over any crash, and deleted only when asked to.
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { changeDeparture, departures } from '../../../src/sync/people/departure-store.ts';
import { confirm, madeUsers, takeSealed } from '../../../src/sync/people/made-store.ts';
import { films, type InProcessHome, type InProcessOptions, openInProcessHome, type Running, until } from '../in-process-home.ts';

const DAY_MS = 86_400_000;
const library = [
  films(3),
  { name: 'Kids', films: [{ name: 'Kid', tags: ['family'], runtimeMs: 5_400_000, providerIds: { Tmdb: '77' } }] },
  { name: 'Late', films: [{ name: 'Night' }] },
];
const SERVERS = {
  attic: { version: '12.0.0', library },
  // Has no library "Late".
  barn: { version: '10.11.11', library: library.slice(0, 2) },
  cabin: { version: '10.10.7', library },
};

type More = Partial<InProcessOptions>;
const openHome = (t: Test, more: More = {}): Promise<InProcessHome> =>
  openInProcessHome(t, { servers: SERVERS, users: { passwordless: ['cabin'] }, quickMs: 300, ...more });

const confirmed = async (running: Running, home: InProcessHome): Promise<void> => {
  await confirm(running.db, { byWhom: 'test', atMs: home.clock.now() });
  running.users.ring();
};
const userAt = (home: InProcessHome, server: string, name: string) => home.server(server).sim.users.byName(name);
const has = (home: InProcessHome, name: string, ...servers: string[]): boolean =>
  servers.every((server) => userAt(home, server, name) !== null);
const count = (home: InProcessHome, server: string, name: string): number =>
  home
    .server(server)
    .sim.users.list()
    .filter((user) => user.name.toLowerCase() === name).length;
const seen = (home: InProcessHome, server: string, name: string): readonly string[] => {
  const enabled = userAt(home, server, name)?.policy['EnabledFolders'] as readonly string[];
  const folders = [...(ids.get(server) ?? [])];
  return folders.flatMap(([folder, id]) => (enabled.includes(id) ? [folder] : []));
};
const ids = new Map<string, Map<string, string>>();
const readFolders = async (home: InProcessHome): Promise<void> => {
  for (const { name, sim } of home.servers) {
    const answer = await fetch(`${sim.url}/Library/VirtualFolders`, {
      headers: { authorization: `MediaBrowser Token="${sim.apiKey}"` },
    });
    const folders = (await answer.json()) as { Name: string; ItemId: string }[];
    ids.set(name, new Map(folders.map((one) => [one.Name, one.ItemId])));
  }
};

t.test(
  'rows 260, 262, 263, 283: a new user is made once everywhere with the rights of the source, and hears of all that is agreed',
  async (t) => {
    const home = await openHome(t);
    const running = await home.start();
    await readFolders(home);
    const attic = home.server('attic').sim;
    const rights = {
      MaxParentalRating: 12,
      MaxParentalSubRating: 1,
      BlockedTags: ['war'],
      AllowedTags: ['family'],
      EnableAllFolders: false,
      EnabledFolders: ['Kids', 'Late'].map((one) => ids.get('attic')?.get(one) ?? ''),
    };
    attic.users.add('Carla', 'carlapw', rights);
    await until('she is known', () => running.people.usersOf('carla').length === 1);
    await wait(700);
    t.notOk(has(home, 'carla', 'barn') || has(home, 'carla', 'cabin'), 'nobody is made before the first report was confirmed');
    await confirmed(running, home);
    await until('she is made', () => has(home, 'carla', 'barn', 'cabin'));
    await until('and known', () => running.people.usersOf('carla').length === 3);
    const told = () => running.events.filter(({ type }) => type === 'user_made').map(({ details }) => details);
    await until('people are told', () => told().length === 2);

    for (const server of ['barn', 'cabin']) {
      const policy = userAt(home, server, 'carla')?.policy;
      t.match(policy, {
        IsAdministrator: false,
        IsDisabled: false,
        MaxParentalRating: 12,
        BlockedTags: ['war'],
        AllowedTags: ['family'],
      });
      t.equal(userAt(home, server, 'carla')?.name, 'Carla');
    }
    t.same(seen(home, 'barn', 'carla'), ['Kids'], 'a library that is not there gives nothing');
    t.same(seen(home, 'cabin', 'carla'), ['Kids', 'Late']);

    t.equal(userAt(home, 'cabin', 'carla')?.password, '', 'passwordless');
    const password = userAt(home, 'barn', 'carla')?.password ?? '';
    t.match(password, /^[A-Za-z0-9]{16}$/);
    t.notOk(JSON.stringify(running.events).includes(password), 'no event tells it');
    const kept = await madeUsers(running.db);
    t.notOk(JSON.stringify(kept).includes(password), 'nor the database');
    const made = told();
    t.match(made, [
      { server: 'barn', person: 'carla' },
      { server: 'cabin', person: 'carla' },
    ]);

    const row = await takeSealed(running.db, { server: 'barn', person: 'carla' });
    t.equal(running.passwords.open(row?.password ?? '', JSON.stringify(['barn', 'carla'])), password);
    t.equal(await takeSealed(running.db, { server: 'barn', person: 'carla' }), null, 'once');
    t.equal(await takeSealed(running.db, { server: 'cabin', person: 'carla' }), null);

    // What she did on one is on the others.
    attic.importWatched('Carla', home.server('attic').itemId('Kid'), { played: true, favourite: true });
    await until(
      'she has it there',
      () => home.server('cabin').has('carla', 'Kid').played && home.server('barn').has('carla', 'Kid').favourite,
    );
    t.equal(count(home, 'barn', 'carla') + count(home, 'cabin', 'carla'), 2);
  },
);

t.test(
  'an administrator elsewhere is none, a disabled user stays so, and names follow the map; skipped users are left alone',
  async (t) => {
    const home = await openHome(t, { map: { dad: { cabin: 'Father' } }, skipped: ['guest'] });
    const { sim } = home.server('attic');
    sim.users.add('Dad', 'dadpw', { IsAdministrator: true });
    sim.users.add('Eve', 'evepw', { IsDisabled: true });
    sim.users.add('Guest', 'guestpw');
    const running = await home.start();
    await confirmed(running, home);
    await until(
      'they are made',
      () => has(home, 'dad', 'barn') && has(home, 'father', 'cabin') && has(home, 'eve', 'barn', 'cabin'),
    );
    t.match(userAt(home, 'barn', 'dad')?.policy, { IsAdministrator: false, EnableAllFolders: false });
    t.equal(has(home, 'dad', 'cabin'), false);
    await until('all are made', () => running.events.filter(({ type }) => type === 'user_made').length === 4);
    await until('eve is known', () => running.people.usersOf('eve').length === 3);
    t.match([userAt(home, 'barn', 'eve')?.policy.IsDisabled, userAt(home, 'cabin', 'eve')?.policy.IsDisabled], [true, true]);
    t.notOk(has(home, 'guest', 'barn') || has(home, 'guest', 'cabin'));
    t.equal(running.people.usersOf('dad').length, 3);
  },
);

t.test(
  'killed in the middle of making a user: one is there afterwards, with the rights and the password that were meant',
  async (t) => {
    for (const server of ['barn', 'cabin'] as const) {
      const home = await openHome(t);
      await readFolders(home);
      const first = await home.start();
      const { sim } = home.server(server);
      // Made there, and then nothing more gets through: neither the rights nor our cleaning up.
      sim.inject({ method: 'POST', path: /Policy$/, times: 50, answer: 'hang', by: 'key' });
      sim.inject({ method: 'DELETE', path: /^\/Users\//, times: 50, answer: 'reset', by: 'key' });
      home.server('attic').sim.users.add('carla', 'carlapw', { MaxParentalRating: 6 });
      await confirmed(first, home);
      await until('she is half made', () => has(home, 'carla', server));
      await first.end();
      t.equal(userAt(home, server, 'carla')?.policy['EnableAllFolders'], true, 'as POST /Users/New leaves her');
      sim.clearFaults();
      const second = await home.start();
      await until('she is finished', () => userAt(home, server, 'carla')?.policy['EnableAllFolders'] === false);
      await until('and open', async () => (await madeUsers(second.db)).every(({ status }) => status === 'made'));
      t.match(userAt(home, server, 'carla')?.policy, { MaxParentalRating: 6, IsDisabled: false });
      t.equal(count(home, server, 'carla'), 1);
      const row = await takeSealed(second.db, { server, person: 'carla' });
      const password = row === null ? '' : second.passwords.open(row.password ?? '', JSON.stringify([server, 'carla']));
      t.equal(userAt(home, server, 'carla')?.password, password, server === 'cabin' ? 'none' : 'the one that is kept');
      t.equal(password.length, server === 'cabin' ? 0 : 16);
      t.same(await departures(second.db), []);
      await second.end();
    }
  },
);

t.test(
  'a name that a server does not take is told once, and the others get it; somebody who is quicker is left as they made it',
  async (t) => {
    const home = await openHome(t, { servers: { attic: SERVERS.attic, barn: SERVERS.barn, cabin: SERVERS.cabin } });
    const running = await home.start();
    home.server('barn').sim.inject({ method: 'POST', path: /New$/, times: 50, answer: 500, by: 'key' });
    home.server('attic').sim.users.add('carla', 'carlapw');
    await confirmed(running, home);
    await until('cabin has her', () => has(home, 'carla', 'cabin'));
    await until('barn is told of', () => running.events.some(({ type }) => type === 'user_not_made'));
    await wait(900);
    t.equal(running.events.filter(({ type }) => type === 'user_not_made').length, 1);
    t.equal(has(home, 'carla', 'barn'), false);
    home.server('barn').sim.clearFaults();
    home.server('barn').sim.users.add('CARLA', 'byhand', { MaxParentalRating: 3 });
    await until('she is known there', () => running.people.usersOf('carla').length === 3);
    home.shift(400_000);
    running.users.ring();
    await wait(500);
    t.match(userAt(home, 'barn', 'carla'), { password: 'byhand', policy: { MaxParentalRating: 3, EnableAllFolders: true } });
  },
);

t.test(
  'row 261: who is gone from one server is deleted on the others after seven days and a confirmation, never an administrator',
  async (t) => {
    const home = await openHome(t);
    for (const { sim } of home.servers) {
      sim.users.add('carla', 'carlapw');
      sim.users.add('dora', 'dorapw', { IsAdministrator: sim === home.server('cabin').sim });
    }
    const first = await home.start();
    await confirmed(first, home);
    await until('all are known', () => first.people.usersOf('dora').length === 3 && first.people.usersOf('carla').length === 3);
    home.server('barn').sim.importWatched('carla', home.server('barn').itemId('Film 1'), { played: true });
    await until('something is agreed of her', () => home.server('cabin').has('carla', 'Film 1').played);
    const attic = home.server('attic').sim;
    for (const name of ['carla', 'dora']) attic.users.remove(attic.users.byName(name)?.id ?? '');
    await until('people are asked', () => first.events.filter(({ type }) => type === 'user_gone').length === 2);
    t.ok(has(home, 'carla', 'barn', 'cabin'));
    t.notOk(has(home, 'carla', 'attic'), 'nor is she made again while nobody has said anything');

    // Not confirmed: nothing, however long it takes. Confirmed: nothing before the seven days.
    await first.end();
    const second = await home.start();
    const rows = await departures(second.db);
    t.match(rows, [
      { person: 'carla', server: 'attic', status: 'pending' },
      { person: 'dora', status: 'pending' },
    ]);
    for (const { id } of rows) await changeDeparture(second.db, id, { confirmed_ms: home.clock.now() });
    second.users.ring();
    await wait(500);
    t.ok(has(home, 'carla', 'barn', 'cabin') && has(home, 'dora', 'barn', 'cabin'));
    home.shift(7 * DAY_MS);
    second.users.ring();
    await until(
      'they are deleted',
      () => !has(home, 'carla', 'barn') && !has(home, 'carla', 'cabin') && !has(home, 'dora', 'barn'),
    );
    await until('it is done', async () => (await departures(second.db)).every(({ status }) => status === 'done'));
    t.ok(has(home, 'dora', 'cabin'), 'an administrator stays');
    await wait(700);
    t.notOk(has(home, 'dora', 'attic') || has(home, 'dora', 'barn'), 'and nobody is made again from her');
    t.match(second.events.filter(({ type }) => type === 'user_deleted').length, 3);

    t.equal(
      (await second.db.selectFrom('sync_registers').select('person').where('person', '=', 'carla').execute()).length,
      0,
      'nor is anything kept of who is deleted everywhere',
    );
    // Somebody makes her anew: all have her.
    attic.users.add('dora', 'dorapw');
    await until('she is back', () => has(home, 'dora', 'attic', 'barn', 'cabin'));
  },
);

t.test('a departure that is discarded makes the user again; a renamed user is nobody new', async (t) => {
  const home = await openHome(t);
  for (const { sim } of home.servers) sim.users.add('carla', 'carlapw');
  const running = await home.start();
  await confirmed(running, home);
  await until('all are known', () => running.people.usersOf('carla').length === 3);
  const attic = home.server('attic').sim;
  attic.users.remove(attic.users.byName('carla')?.id ?? '');
  await until('people are asked', async () => (await departures(running.db)).length === 1);
  await running.db.deleteFrom('sync_departures').execute();
  running.users.ring();
  await until('she is there again', () => has(home, 'carla', 'attic'));
  await until('and known', () => running.people.usersOf('carla').length === 3);

  const barn = home.server('barn').sim;
  const anna = barn.users.byName('anna');
  if (anna !== null) barn.users.rename(anna, 'annabel');
  await until('people hear of it', () => running.events.some(({ type }) => type === 'user_renamed'));
  await wait(700);
  t.notOk(has(home, 'annabel', 'attic') || has(home, 'annabel', 'cabin') || has(home, 'anna', 'barn'));
});

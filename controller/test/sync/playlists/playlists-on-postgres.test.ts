// Playlists kept in a real PostgreSQL.
import t from 'tap';
import { postgresPrograms, startPostgres } from '../../database/start-postgres.ts';
import { startListsHome } from './lists-home.ts';

const programs = await postgresPrograms();

t.test(
  'on PostgreSQL lists are made, changed on two servers at once, deleted and taken back as on SQLite',
  { skip: programs === null && 'Debian package postgresql is not installed' },
  async (t) => {
    if (programs === null) return;
    const postgres = await startPostgres(programs);
    t.teardown(() => postgres[Symbol.asyncDispose]());
    const home = await startListsHome(t, { databaseUrl: postgres.url, servers: { attic: {}, barn: {}, cabin: {} } });
    const [attic, barn, cabin] = home.servers;
    if (!attic || !barn || !cabin) return;
    await attic.person.create('Friday', ['Alpha']);
    await home.settle();
    await attic.person.add('Friday', ['Beta']);
    await barn.person.add('Friday', ['Gamma']);
    await cabin.person.add('Friday', ['Delta']);
    await Promise.all(home.servers.map(({ name }) => home.look(name)));
    home.restart();
    await home.settle();
    const [lists] = home.servers.map((server) => server.lists());
    t.equal(lists?.[0]?.split(' ').sort().join(' '), 'Alpha Beta Delta Friday: Gamma');
    for (const server of home.servers) t.same(server.lists(), lists);
    await barn.person.delete('Friday');
    await home.settle();
    for (const server of home.servers) t.same(server.lists(), []);
    const { log } = await home.overview();
    await home.undo(log[0]?.id ?? '');
    await home.settle();
    for (const server of home.servers) t.same(server.lists(), lists);
  },
);

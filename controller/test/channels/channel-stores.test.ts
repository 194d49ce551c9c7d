// The tables of channels on both databases.
import t, { type Test } from 'tap';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { body, DAY, HOUR, openChannels, START } from './open-channels.ts';

const programs = await postgresPrograms();

async function lifeOfAChannel(t: Test, url?: string): Promise<void> {
  const folder = t.testdir();
  const clock = createFakeClock(START);
  const options = { folder, clock, ...(url === undefined ? {} : { url }) };
  const first = await openChannels(t, options);
  const { id } = await first.channels.create(
    body({
      genre_filters: [{ genre: 'Horror', content_type: 'movie' }],
      sources: [{ kind: 'series', id: 'a', name: 'A' }],
      exclusions: [{ id: 'f2' }],
      years: { from: 1990 },
    }),
  );
  await first.stores.channels.register({ tunerHostId: 'tuner', listingProviderId: 'guide' });
  await first.stores.probes.put({
    server: 'main',
    id: 'f0',
    probedAt: START,
    ok: false,
    problem: 'gone',
    media: null,
    gainDb: 0.5,
  });
  const channel = first.channels.get(id);
  const entries = await first.channels.entries(id, START, START + 9 * DAY);
  t.match(channel, { tunerHostId: 'tuner', listingProviderId: 'guide', updatedAt: channel.createdAt }, 'row 95');
  await first.close();
  const second = await openChannels(t, options);
  t.same(second.channels.get(id), channel);
  t.same(await second.channels.entries(id, START, START + 9 * DAY), entries);
  t.equal(second.channels.state(id).throughMs, entries.at(-1)?.endMs);
  t.same([...second.stores.probes.failing()], ['main/f0']);
  t.match(await second.stores.probes.get({ server: 'main', id: 'f0' }), { ok: false, problem: 'gone', gainDb: 0.5 });
  const [one, two] = entries;
  const { schedule } = second.stores;
  t.same(await schedule.at(id, two?.startMs ?? 0), two, 'row 134: the start belongs to it');
  t.same(await schedule.at(id, (two?.startMs ?? 0) - 1), one, 'and the end to the next');
  t.equal(await schedule.at(id, START - 1), null);
  t.same(await schedule.range(id, (one?.endMs ?? 0) - 1, (two?.startMs ?? 0) + 1), [one, two]);
  t.same(await schedule.range(id, one?.endMs ?? 0, two?.endMs ?? 0), [two]);
  const aired = await schedule.lastAired(id, START, START + HOUR);
  t.same([...aired], [[`main/${one?.item?.id}`, START]]);
  await second.stores.channels.register({ tunerHostId: null, listingProviderId: null });
  t.equal(second.channels.get(id).tunerHostId, null, 'cleared');
  await second.stores.probes.prune(0, START + 1);
  t.equal(second.stores.probes.failing().size, 0);
  await second.channels.remove(id);
  t.same(await second.db.selectFrom('schedule_entries').select('id').execute(), []);
  t.same(await second.db.selectFrom('channel_sources').selectAll().execute(), []);
  await second.close();
}

t.test('rows 95, 100, 102: what is written is read, and goes with its channel', (t) => lifeOfAChannel(t));

t.test('the same on PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await lifeOfAChannel(t, server.url);
});

t.test('channels made at once have ids and numbers of their own', async (t) => {
  await using home = await openChannels(t);
  const made = await Promise.all(Array.from({ length: 5 }, (_, i) => home.channels.create(body({ name: `${i}` }))));
  t.same(made.map(({ id, number }) => `${id} ${number}`).sort(), ['1 100.1', '2 100.2', '3 100.3', '4 100.4', '5 100.5']);
});

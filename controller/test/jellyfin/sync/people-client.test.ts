// Making a user when something goes wrong in between: nobody stands open, and nobody stays half made.
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { NewPerson } from '../../../src/neighbours/synced-people.ts';
import { startRelay } from '../asked.ts';
import { unknownTo } from '../openapi.ts';
import { NEVER, openSync } from './open-sync.ts';

const CARL: NewPerson = {
  name: 'carl',
  password: null,
  rights: {
    isDisabled: false,
    maxParentalRating: 6,
    maxParentalSubRating: null,
    blockedTags: ['war'],
    allowedTags: [],
    blockedUnrated: [],
    libraries: ['Films'],
    mayWatchLiveTv: true,
  },
};

const names = (sim: JellyfinSimulator) => sim.users.list().map(({ name }) => name);

t.test('row 260: the rights come first, then the password goes, then the door opens; no open moment in between', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using relay = await startRelay(sim.url);
  await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
  await sync.people.create(CARL, NEVER);
  const posts = relay.asked.filter(({ method }) => method === 'POST');
  t.same(
    posts.map(({ path, body }) => [path.replace(/[0-9a-f]{32}/, 'ID'), body?.['IsDisabled'], body?.['MaxParentalRating']]),
    [
      ['/Users/New', undefined, undefined],
      ['/Users/ID/Policy', true, 6],
      ['/Users/Password', undefined, undefined],
      ['/Users/ID/Policy', false, 6],
    ],
  );
  t.ok(String(posts[0]?.body?.['Password']).length >= 32, 'a password that nobody knows, until then');
  t.equal(posts[3]?.body?.['EnableAllFolders'], false);
  await sync.people.rename(sim.users.byName('carl')?.id ?? '', 'charles', NEVER);
  // 12's own policy goes back to 12 only; older documents lack its newest fields.
  const unknown = relay.asked.flatMap(unknownTo).filter((text) => !text.includes('MaxParentalSubRating'));
  t.same([...new Set(unknown)], []);
});

t.test('row 263: the given password is that of the user, and stands in no message', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using sync = openSync(sim);
  const person = { ...CARL, password: 'k33p-me-secret' };
  await sync.people.create(person, NEVER);
  t.equal(sim.users.byName('carl')?.password, 'k33p-me-secret');
  sim.inject({ method: 'POST', path: /New$/, answer: 500 });
  const failure = await sync.people.create({ ...person, name: 'dora' }, NEVER).catch((error: unknown) => error);
  t.match(failure, { code: 'upstream_failed' });
  t.notOk(JSON.stringify([String(failure), failure]).includes('k33p-me-secret'));
});

for (const [what, path] of [
  ['the rights are refused', /Policy$/],
  ['the password cannot be taken away', /Password$/],
] as const)
  t.test(`${what}: the user is removed again`, async (t) => {
    await using sim = await startJellyfinSimulator({});
    await using sync = openSync(sim);
    sim.inject({ method: 'POST', path, times: 1, answer: 500 });
    await t.rejects(sync.people.create(CARL, NEVER), { code: 'upstream_failed' });
    t.same(names(sim), ['admin']);
  });

t.test('neither can they be removed: that is told, and nobody can log in', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using sync = openSync(sim);
  sim.inject({ method: 'POST', path: /Policy$/, times: 1, answer: 500 });
  sim.inject({ method: 'DELETE', path: /Users/, times: 1, answer: 500 });
  await t.rejects(sync.people.create(CARL, NEVER), {
    code: 'upstream_failed',
    message: /"carl" was made .* could not be removed again/,
  });
  await t.rejects(sync.logIns.byPassword({ name: 'carl', password: '' }, NEVER), { code: 'unauthenticated' });
});

t.test('an answer that was lost: the user that was made all the same gets the rights', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using sync = openSync(sim);
  sim.inject({ method: 'POST', path: /New$/, times: 1, answer: 'lost' });
  const { id } = await sync.people.create(CARL, NEVER);
  t.match(await sync.people.rights(id, NEVER), { maxParentalRating: 6, libraries: ['Films'], isDisabled: false });
  t.same(names(sim), ['admin', 'carl']);
});

t.test('another writer of the same policy in between: written again on top of it', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  await using sync = openSync(sim);
  const id = sim.users.byName('anna')?.id ?? '';
  sim.inject({ method: 'POST', path: /Policy$/, times: 1, answer: 204 });
  await sync.people.writeRights(id, CARL.rights, NEVER);
  t.match(await sync.people.rights(id, NEVER), { blockedTags: ['war'], isDisabled: false });
});

t.test(
  'row 260: a user who was half made is finished: closed, with the rights, and opened; an administrator never',
  async (t) => {
    await using sim = await startJellyfinSimulator({});
    await using relay = await startRelay(sim.url);
    await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
    const half = sim.users.add('carl', 'known-to-nobody');
    const made = await sync.people.finish(half.id, CARL, NEVER);
    t.equal(made.id, half.id);
    t.match(sim.users.byName('carl'), {
      password: '',
      policy: { MaxParentalRating: 6, EnableAllFolders: false, IsDisabled: false },
    });
    const posts = relay.asked.filter(({ method }) => method === 'POST');
    t.same(
      posts.map(({ body }) => body?.['IsDisabled']),
      [true, undefined, false],
    );
    const admin = sim.users.byName('admin')?.id ?? '';
    await t.rejects(sync.people.finish(admin, CARL, NEVER), { code: 'denied' });
  },
);

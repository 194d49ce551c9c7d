// What sync relies on, asked of every Jellyfin at hand: simulated 12.0, 10.11 and 10.10, and a real one named by HEADGATE_TEST_JELLYFIN_URL
// and HEADGATE_TEST_JELLYFIN_API_KEY. Users and lists that it makes it removes; all else of a real server stays as it is.
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import type { JellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import type { PersonRights } from '../../../src/neighbours/synced-people.ts';
import type { ListUser } from '../../../src/neighbours/synced-playlists.ts';
import { untouched, type WatchChange } from '../../../src/neighbours/watch-state.ts';
import { contractSubjects, type Subject } from '../contract-subject.ts';
import { byKey } from '../viewer.ts';
import { all, HOOK_NAME, listUser, NEVER, openSync } from './open-sync.ts';

/** As the contract's own users are called, so that left-overs go at the next run. */
const newName = () => `headgate-contract-${randomBytes(4).toString('hex')}`;
const isSince = ({ version }: Subject, major: number, minor: number): boolean => {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
};

const RIGHTS: PersonRights = {
  isDisabled: false,
  maxParentalRating: null,
  maxParentalSubRating: null,
  blockedTags: [],
  allowedTags: [],
  blockedUnrated: [],
  libraries: [],
  mayWatchLiveTv: true,
};

/** Some films or episodes of a length. */
const playable = async (sync: JellyfinSync, count: number): Promise<readonly string[]> => {
  const ids = new Set<string>();
  for await (const page of sync.server.items(NEVER)) {
    for (const { id, kind, runtimeMs } of page)
      if ((kind === 'movie' || kind === 'episode') && (runtimeMs ?? 0) > 120_000) ids.add(id);
    if (ids.size >= count) break;
  }
  return [...ids].slice(0, count);
};

const states = (t: Test, subject: Subject) => {
  t.test('rows 255-258: each field is written by itself and read back', async (t) => {
    await using sync = openSync(subject);
    const { server } = sync;
    const [item = 'none'] = await playable(sync, 1);
    const state = () => server.state(subject.userId, item, NEVER);
    let expected = untouched;
    t.same(await state(), expected);
    const changes: WatchChange[] = [
      { positionMs: 61_000 },
      { favourite: true },
      { rating: 8.5 },
      { playCount: 3 },
      { lastPlayedMs: Date.UTC(2026, 1, 3, 4, 5, 6, 789) },
      { played: true, positionMs: 0 },
      { favourite: false },
      { rating: null },
      { played: false },
      { rating: 1 },
      { playCount: 0, played: false, positionMs: 0, lastPlayedMs: null, favourite: true, rating: null },
      { favourite: false },
    ];
    for (const change of changes) {
      for (const _twice of [1, 2]) await server.write(subject.userId, item, change, NEVER);
      expected = { ...expected, ...change };
      t.same(await state(), expected, JSON.stringify(change));
    }
    t.same(expected, untouched);
  });

  t.test("what one user does is no other's", async (t) => {
    await using sync = openSync(subject);
    const [item = 'none'] = await playable(sync, 1);
    const made = await sync.people.create(
      { name: newName(), password: 'x', rights: { ...RIGHTS, ...(await seesAll(sync)) } },
      NEVER,
    );
    await sync.server.write(subject.userId, item, { favourite: true }, NEVER);
    t.same(await sync.server.state(made.id, item, NEVER), untouched);
    await sync.server.write(subject.userId, item, { favourite: false }, NEVER);
    await sync.people.delete(made.id, NEVER);
  });

  t.test('scans show what was done, and only that', async (t) => {
    await using sync = openSync(subject);
    const { server } = sync;
    const [resumed = 'none', liked = 'none', older = 'none', newer = 'none'] = await playable(sync, 4);
    const write = (item: string, change: WatchChange) => server.write(subject.userId, item, change, NEVER);
    await write(resumed, { positionMs: 60_000 });
    await write(liked, { favourite: true });
    await write(older, { played: true, playCount: 1, lastPlayedMs: 1_700_000_000_000 });
    await write(newer, { played: true, playCount: 1, lastPlayedMs: 1_700_000_100_000 });
    const scan = async (which: 'resumable' | 'favourites' | 'played') =>
      (await all(server.states(subject.userId, which, NEVER))).map(({ itemId }) => itemId);
    t.same(await scan('resumable'), [resumed]);
    t.same(await scan('favourites'), [liked]);
    t.same(await scan('played'), [newer, older]);
    const played = (await all(server.states(subject.userId, 'played', NEVER)))[0];
    t.same(played?.state, await server.state(subject.userId, newer, NEVER));
    const newest = await server.newestPlayed(subject.userId, NEVER);
    t.same([newest.states.map(({ itemId }) => itemId), newest.total], [[newer, older], 2]);
    const reset = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null, favourite: false };
    for (const item of [resumed, liked, older, newer]) await write(item, reset);
    for (const which of ['resumable', 'favourites', 'played'] as const) t.same(await scan(which), []);
  });
};

const seesAll = async (sync: JellyfinSync): Promise<Pick<PersonRights, 'libraries'>> => {
  const admin = (await sync.server.users(NEVER)).find(({ isAdministrator }) => isAdministrator);
  return { libraries: (await sync.people.rights(admin?.id ?? '', NEVER)).libraries };
};

const people = (t: Test, subject: Subject) => {
  t.test('row 260: a user is made with the rights of elsewhere, and never with more', async (t) => {
    await using sync = openSync(subject);
    const { libraries } = await seesAll(sync);
    const name = newName();
    const rights: PersonRights = {
      ...RIGHTS,
      maxParentalRating: 12,
      blockedTags: ['war'],
      libraries: [libraries[0] ?? '', 'no such library'],
      blockedUnrated: ['Movie'],
      mayWatchLiveTv: false,
    };
    const made = await sync.people.create({ name, password: 'a password', rights }, NEVER);
    t.same([made.libraries, made.missing], [[libraries[0]], ['no such library']]);
    const stands = await sync.people.rights(made.id, NEVER);
    t.same(stands, { ...rights, libraries: [libraries[0]], isAdministrator: false });
    await t.rejects(sync.people.create({ name: name.toUpperCase(), password: 'x', rights }, NEVER), { code: 'conflict' });
    await t.rejects(sync.people.create({ name: 'a/b', password: 'x', rights }, NEVER), { code: 'input_invalid' });
    const logIn = await sync.logIns.byPassword({ name, password: 'a password' }, NEVER);
    t.equal(logIn.userId, made.id);
    await sync.people.writeRights(made.id, { ...rights, isDisabled: true, maxParentalRating: null }, NEVER);
    t.match(await sync.people.rights(made.id, NEVER), { isDisabled: true, maxParentalRating: null, blockedTags: ['war'] });
    await t.rejects(sync.logIns.byPassword({ name, password: 'a password' }, NEVER), { code: 'denied' });
    await sync.people.delete(made.id, NEVER);
    await t.rejects(sync.people.rights(made.id, NEVER), { code: 'not_found' });
  });

  t.test('row 262: a user without a password; a disabled one stays disabled', async (t) => {
    await using sync = openSync(subject);
    const [open, closed] = [newName(), newName()];
    const made = [
      await sync.people.create({ name: open, password: null, rights: RIGHTS }, NEVER),
      await sync.people.create({ name: closed, password: null, rights: { ...RIGHTS, isDisabled: true } }, NEVER),
    ];
    t.equal((await sync.logIns.byPassword({ name: open, password: '' }, NEVER)).userId, made[0]?.id);
    await t.rejects(sync.logIns.byPassword({ name: closed, password: '' }, NEVER), { code: 'denied' });
    for (const { id } of made) await sync.people.delete(id, NEVER);
  });

  t.test('row 261: an administrator is never deleted, nor are their rights touched', async (t) => {
    await using sync = openSync(subject);
    const admin = (await sync.server.users(NEVER)).find(({ isAdministrator }) => isAdministrator);
    await t.rejects(sync.people.delete(admin?.id ?? '', NEVER), { code: 'denied' });
    await t.rejects(sync.people.writeRights(admin?.id ?? '', RIGHTS, NEVER), { code: 'denied' });
    t.ok((await sync.server.users(NEVER)).some(({ id }) => id === admin?.id));
  });

  t.test('a user gets another name, and keeps all else', async (t) => {
    await using sync = openSync(subject);
    const [name, other] = [newName(), newName()];
    const { id } = await sync.people.create({ name, password: 'x', rights: { ...RIGHTS, blockedTags: ['war'] } }, NEVER);
    await t.rejects(sync.people.rename(id, subject.userName, NEVER), { code: 'conflict' });
    await sync.people.rename(id, other, NEVER);
    t.match(
      (await sync.server.users(NEVER)).find((user) => user.id === id),
      { name: other },
    );
    t.match(await sync.people.rights(id, NEVER), { blockedTags: ['war'] });
    t.equal((await sync.logIns.byPassword({ name: other, password: 'x' }, NEVER)).userId, id);
    await sync.people.delete(id, NEVER);
  });
};

/** Two users, the first with a token. */
const withListUsers = async (
  sync: JellyfinSync,
  work: (users: { byKey: ListUser; byToken: ListUser; other: ListUser; name: string }) => Promise<void>,
) => {
  const rights = { ...RIGHTS, ...(await seesAll(sync)) };
  const [name, otherName] = [newName(), newName()];
  const { id } = await sync.people.create({ name, password: 'x', rights }, NEVER);
  const other = await sync.people.create({ name: otherName, password: 'x', rights }, NEVER);
  try {
    const { token } = await sync.logIns.byPassword({ name, password: 'x' }, NEVER);
    await work({ byKey: listUser(id), byToken: listUser(id, { token }), other: listUser(other.id), name });
  } finally {
    for (const gone of [id, other.id]) await sync.people.delete(gone, NEVER);
  }
};

const playlists = (t: Test, subject: Subject) => {
  const itemsOf = async (sync: JellyfinSync, user: ListUser, list: string) =>
    (await sync.playlists.entries(user, list, NEVER)).map(({ itemId }) => itemId);

  t.test('row 259: a list is made, added to and deleted by a key', async (t) => {
    await using sync = openSync(subject);
    const [a = '', b = '', c = ''] = await playable(sync, 3);
    await withListUsers(sync, async ({ byKey: user, other }) => {
      const id = await sync.playlists.create(user, { name: 'Friday', kind: 'video', itemIds: [b, a] }, NEVER);
      t.same(await sync.playlists.lists(user, NEVER), [{ id, name: 'Friday', madeBy: 'this-user' }]);
      t.same(await sync.playlists.lists(other, NEVER), [], 'nobody else sees it');
      await sync.playlists.add(user, id, [c, a], NEVER);
      t.same(await itemsOf(sync, user, id), [b, a, c, a]);
      await t.rejects(sync.playlists.delete(other, id, NEVER), { code: 'not_found' });
      await t.rejects(sync.playlists.delete(user, a, NEVER), { code: 'not_found' }, 'never a film');
      await sync.playlists.delete(user, id, NEVER);
      t.same(await sync.playlists.lists(user, NEVER), []);
    });
  });

  t.test('row 259: with a token it is renamed, moved within and rewritten; twice the same item too', async (t) => {
    await using sync = openSync(subject);
    const [a = '', b = '', c = ''] = await playable(sync, 3);
    await withListUsers(sync, async ({ byToken: user }) => {
      const id = await sync.playlists.create(user, { name: 'Friday', kind: 'video', itemIds: [a, b] }, NEVER);
      await sync.playlists.rename(user, id, 'Saturday', NEVER);
      t.match(await sync.playlists.lists(user, NEVER), [{ name: 'Saturday' }]);
      await sync.playlists.move(
        user,
        id,
        { entryId: (await sync.playlists.entries(user, id, NEVER))[1]?.entryId ?? '', index: 0 },
        NEVER,
      );
      t.same(await itemsOf(sync, user, id), [b, a]);
      for (const wanted of [[a, b, c], [c, a, c], [a, c, b, a], [a], []]) {
        await sync.playlists.rewrite(user, id, wanted, NEVER);
        t.same(await itemsOf(sync, user, id), wanted);
      }
    });
  });

  t.test(
    'row 259: a key may take out and reorder since 10.11; where it may not, a log-in is asked for and nothing is done',
    async (t) => {
      await using sync = openSync(subject);
      const [a = '', b = '', c = ''] = await playable(sync, 3);
      const needsLogIn = { code: 'denied', message: /needs a log-in/ };
      await withListUsers(sync, async ({ byKey: user }) => {
        const id = await sync.playlists.create(user, { name: 'Friday', kind: 'video', itemIds: [a, b] }, NEVER);
        await t.rejects(sync.playlists.rename(user, id, 'Saturday', NEVER), needsLogIn);
        await t.rejects(sync.playlists.move(user, id, { entryId: a, index: 1 }, NEVER), needsLogIn);
        await sync.playlists.rewrite(user, id, [a, b, c], NEVER);
        t.same(await itemsOf(sync, user, id), [a, b, c], 'to add needs no more');
        if (isSince(subject, 10, 11)) {
          for (const wanted of [[c, a, c], [a, c, b, a], [a]]) {
            await sync.playlists.rewrite(user, id, wanted, NEVER);
            t.same(await itemsOf(sync, user, id), wanted);
          }
          await sync.playlists.remove(user, id, [a], NEVER);
          t.same(await itemsOf(sync, user, id), []);
        } else {
          await t.rejects(sync.playlists.rewrite(user, id, [c, b, a], NEVER), needsLogIn);
          await t.rejects(sync.playlists.remove(user, id, [a], NEVER), needsLogIn);
          t.same(await itemsOf(sync, user, id), [a, b, c]);
        }
      });
    },
  );

  t.test("a list that another made public is not this user's", async (t) => {
    await using sync = openSync(subject);
    const [a = ''] = await playable(sync, 1);
    await withListUsers(sync, async ({ byKey: user, other }) => {
      const body = { Name: 'For all', Ids: [a], UserId: other.id, MediaType: 'Video', IsPublic: true };
      const { Id: id } = (await byKey(subject, 'POST', '/Playlists', { body })).json() as { Id: string };
      t.match(await sync.playlists.lists(other, NEVER), [{ id, madeBy: 'this-user' }]);
      t.match(await sync.playlists.lists(user, NEVER), [{ id, madeBy: 'another' }]);
      await t.rejects(sync.playlists.delete(user, id, NEVER), { code: 'denied' });
      const admin = (await sync.server.users(NEVER)).find(({ isAdministrator }) => isAdministrator);
      const seen = await sync.playlists.lists(listUser(admin?.id ?? '', { isAdministrator: true }), NEVER);
      t.match(
        seen.find((list) => list.id === id),
        { madeBy: 'unclear' },
      );
      await sync.playlists.delete(other, id, NEVER);
    });
  });

  t.test('a log-in that is void is asked for again, and the key goes on working', async (t) => {
    await using sync = openSync(subject);
    await withListUsers(sync, async ({ byToken: user, name }) => {
      const id = await sync.playlists.create(user, { name: 'Friday', kind: 'video', itemIds: [] }, NEVER);
      await sync.logIns.byPassword({ name, password: 'x' }, NEVER);
      await t.rejects(sync.playlists.rename(user, id, 'Saturday', NEVER), { code: 'denied', message: /a new log-in is needed/ });
      t.match(await sync.playlists.lists(user, NEVER), [{ name: 'Friday' }]);
    });
  });
};

const hints = (t: Test, subject: Subject) => {
  t.test('the activity log tells of users who came and went while we were away', async (t) => {
    await using sync = openSync(subject);
    const sinceMs = Date.now() - 60_000;
    const { id } = await sync.people.create({ name: newName(), password: 'x', rights: RIGHTS }, NEVER);
    await sync.people.delete(id, NEVER);
    const { entries, isComplete } = await sync.changeFeeds.activitySince(sinceMs, NEVER);
    t.ok(isComplete);
    t.ok(entries.some(({ kind, userId }) => kind === 'user-created' && userId === id));
    t.ok(entries.some(({ kind }) => kind === 'user-deleted'));
    t.same(
      [...entries].sort((x, y) => x.atMs - y.atMs).map(({ atMs }) => atMs),
      entries.map(({ atMs }) => atMs),
    );
    t.same((await sync.changeFeeds.activitySince(Date.now() + 3_600_000, NEVER)).entries, []);
  });

  t.test('the task that looks through the libraries is known by its key', async (t) => {
    await using sync = openSync(subject);
    const scan = await sync.changeFeeds.libraryScan(NEVER);
    t.type(scan.isRunning, 'boolean');
    t.ok(scan.lastEndMs === null || scan.lastEndMs > 0);
  });

  t.test('our entries in the webhook plugin are made once, mended and removed', async (t) => {
    await using sync = openSync(subject);
    const plugin = await sync.hookPlugin.installed(NEVER);
    if (plugin === null) return void t.pass('it is not installed');
    const path = '/Plugins/71552a5a5c5c4350a2aeebe451a30173/Configuration';
    const standing = async () =>
      (await byKey(subject, 'GET', path)).json() as { GenericOptions?: readonly { WebhookName?: string }[] };
    const before = await standing();
    const target = { url: 'http://127.0.0.1:9/webhook/contract', header: { name: 'X-Contract', value: 'secret' } };
    t.equal(await sync.hookPlugin.ensure(target, NEVER), 'written');
    t.equal(await sync.hookPlugin.ensure(target, NEVER), 'unchanged');
    const ours = (await standing()).GenericOptions?.filter(({ WebhookName: name }) => name?.startsWith(HOOK_NAME));
    t.match(ours, [{ NotificationTypes: ['UserDataSaved'] }, { NotificationTypes: ['UserCreated', 'UserDeleted'] }]);
    t.equal(await sync.hookPlugin.remove(NEVER), 'written');
    t.same(await standing(), before);
  });
};

for (const [name, open] of contractSubjects(process.env)) {
  t.test(name, async (t) => {
    const subject = await open();
    t.teardown(() => subject[Symbol.asyncDispose]());
    states(t, subject);
    people(t, subject);
    playlists(t, subject);
    hints(t, subject);
  });
}

// Log-ins of users for what a key may not, and the socket that such a log-in opens.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { ItemState } from '../../../src/neighbours/synced-server.ts';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { startRelay } from '../asked.ts';
import { until } from '../neighbours.ts';
import { byKey, call } from '../viewer.ts';
import { NEVER, openSync } from './open-sync.ts';

t.test('a wrong password is told, and does not rest as a refused key does', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  await using sync = openSync(sim);
  await t.rejects(sync.logIns.byPassword({ name: 'anna', password: 'guess' }, NEVER), { code: 'unauthenticated' });
  await t.rejects(sync.logIns.byPassword({ name: 'nobody', password: 'guess' }, NEVER), { code: 'unauthenticated' });
  const logIn = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  t.match(logIn, { userId: sim.users.byName('anna')?.id, userName: 'anna' });
  t.ok(sim.users.token(logIn.token));
  await sync.server.users(NEVER);
});

t.test('each user has a device of their own: a second log-in of one makes the first void, and no other', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }, { name: 'ben' }] });
  await using sync = openSync(sim);
  const first = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  const ben = await sync.logIns.byPassword({ name: 'ben', password: 'benpw' }, NEVER);
  const second = await sync.logIns.byPassword({ name: 'Anna', password: 'annapw' }, NEVER);
  t.equal(sim.users.token(first.token), null);
  const devices = [ben, second].map(({ token }) => sim.users.token(token)?.deviceId);
  t.equal(new Set(devices).size, 2);
});

t.test('neither password nor token stands in an address or a message', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  await using relay = await startRelay(sim.url);
  await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
  const { token } = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  const wrong = await sync.logIns.byPassword({ name: 'anna', password: 'not-this-one' }, NEVER).catch((error: unknown) => error);
  const told = JSON.stringify([relay.asked.map(({ path, query }) => [path, query]), String(wrong)]);
  for (const secret of [sim.apiKey, 'annapw', 'not-this-one', token]) t.notOk(told.includes(secret));
});

/** Quick Connect and log-outs, as the API documents of 10.10 to 12 have them; 401 where Quick Connect is off. */
const startQuickConnect = async (isOn: boolean) => {
  const asked: { path: string; authorization: string }[] = [];
  let isAgreed = false;
  let isLoggedOut = false;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push({ path: `${request.method} ${url.pathname}`, authorization: request.headers.authorization ?? '' });
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.pathname === '/Sessions/Logout') {
      const isValid = !isLoggedOut && request.headers.authorization === 'MediaBrowser Token="t0ken"';
      isLoggedOut = true;
      return answer(isValid ? 204 : 401, '');
    }
    if (!isOn) return answer(401, 'Quick connect is not active on this server.');
    if (url.pathname === '/QuickConnect/Initiate') return answer(200, { Authenticated: false, Secret: 's3cret', Code: '123456' });
    if (url.pathname === '/QuickConnect/Connect' && url.searchParams.get('secret') === 's3cret')
      return answer(200, { Authenticated: isAgreed, Secret: 's3cret', Code: '123456' });
    if (url.pathname === '/Users/AuthenticateWithQuickConnect')
      return answer(200, { AccessToken: 't0ken', User: { Id: 'a1', Name: 'anna' } });
    return answer(404, '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    agree: () => {
      isAgreed = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

t.test('Quick Connect: a code for the user, and a token once they typed it', async (t) => {
  await using there = await startQuickConnect(true);
  await using sync = openSync({ url: there.url, apiKey: 'key' });
  const { code, secret } = await sync.logIns.beginQuickConnect(NEVER);
  t.equal(code, '123456');
  t.equal(await sync.logIns.endQuickConnect(secret, NEVER), null);
  there.agree();
  t.same(await sync.logIns.endQuickConnect(secret, NEVER), { token: 't0ken', userId: 'a1', userName: 'anna' });
  await t.rejects(sync.logIns.endQuickConnect('another', NEVER), { code: 'not_found' });
  await sync.logIns.beginQuickConnect(NEVER);
  const begun = there.asked
    .filter(({ path }) => path === 'POST /QuickConnect/Initiate')
    .map(({ authorization }) => authorization);
  t.equal(new Set(begun).size, 2, 'whoever agrees gets a device of their own');
  t.ok(there.asked.every(({ authorization }) => authorization.includes('Client="Headgate"') && !authorization.includes('Token')));
});

t.test('Quick Connect that is switched off is told', async (t) => {
  await using there = await startQuickConnect(false);
  await using sync = openSync({ url: there.url, apiKey: 'key' });
  await t.rejects(sync.logIns.beginQuickConnect(NEVER), { code: 'denied', message: /switched off/ });
});

t.test('a token that is given back is void; once more is no error', async (t) => {
  await using there = await startQuickConnect(true);
  await using sync = openSync({ url: there.url, apiKey: 'key' });
  for (const _twice of [1, 2]) await sync.logIns.revoke('t0ken', NEVER);
  t.same(there.asked, Array(2).fill({ path: 'POST /Sessions/Logout', authorization: 'MediaBrowser Token="t0ken"' }));
});

t.test("a user's socket tells what that user did anywhere, and nothing of the folders above", async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }, { name: 'ben' }] });
  await using sync = openSync(sim);
  const { token, userId } = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  const episode = sim.items.find(({ type }) => type === 'Episode')?.id ?? 'none';
  const heard: ItemState[] = [];
  let opened = 0;
  const stop = new AbortController();
  const hear = {
    opened: () => {
      opened += 1;
    },
    states: (states: readonly ItemState[]) => void heard.push(...states),
    library: () => undefined,
  };
  const over = sync.hearUserSocket(token, hear, stop.signal);
  await until('open', () => opened === 1);
  const ben = sim.users.byName('ben')?.id ?? '';
  await byKey(sim, 'POST', `/UserFavoriteItems/${episode}?userId=${ben}`);
  await byKey(sim, 'POST', `/UserItems/${episode}/UserData?userId=${userId}`, { body: { Played: true, PlayCount: 2 } });
  await until('heard', () => heard.length > 0);
  t.same(heard.find(({ itemId }) => itemId === episode)?.state, { ...untouched, played: true, playCount: 2 });
  for (const { itemId, state } of heard) if (itemId !== episode) t.same(state, untouched);
  stop.abort();
  t.type(await over, 'number');
});

t.test("a user's socket tells what came to the libraries, and went", async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }], libraryUpdateMs: 50 });
  await using sync = openSync(sim);
  const { token } = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, NEVER);
  const gone = sim.items.find(({ type }) => type === 'Movie')?.id ?? 'none';
  const removed: string[] = [];
  let isOpen = false;
  const stop = new AbortController();
  const hear = {
    opened: () => {
      isOpen = true;
    },
    states: () => undefined,
    library: (change: { readonly removed: readonly string[] }) => void removed.push(...change.removed),
  };
  const over = sync.hearUserSocket(token, hear, stop.signal);
  await until('open', () => isOpen);
  sim.removeItem(gone);
  await until('heard', () => removed.length > 0);
  t.same(removed, [gone]);
  stop.abort();
  await over;
});

t.test('a token that is void opens no socket', async (t) => {
  await using sim = await startJellyfinSimulator();
  await using sync = openSync(sim);
  const hear = { opened: () => t.fail('open'), states: () => undefined, library: () => undefined };
  t.equal(await sync.hearUserSocket('0'.repeat(32), hear, NEVER), null);
  t.equal((await call(sim, 'GET', '/health')).status, 200);
});

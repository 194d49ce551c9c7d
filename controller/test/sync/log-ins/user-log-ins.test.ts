// Users log in for what a key may not do, by password and by Quick Connect; what they gave is kept, and taken back.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { systemClock } from '../../../src/clock.ts';
import { authorizationHeader } from '../../../src/jellyfin/authorization.ts';
import { openJellyfinHttp } from '../../../src/jellyfin/jellyfin-http.ts';
import { type JellyfinSync, openJellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import { silentLog } from '../../../src/log.ts';
import { hearUsers, type UserAt } from '../../../src/sync/log-ins/hear-users.ts';
import { openLogInStore } from '../../../src/sync/log-ins/log-in-store.ts';
import { createLogIns } from '../../../src/sync/log-ins/user-log-ins.ts';

const NEVER = new AbortController().signal;
const clock = systemClock;

const dataFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-log-ins-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const openServer = (t: Test, sim: JellyfinSimulator): JellyfinSync => {
  const device = { deviceId: 'headgate-log-ins-test', deviceName: 'test', clientName: 'Headgate', version: '1' };
  const authorization = authorizationHeader({ apiKey: sim.apiKey, ...device });
  const http = openJellyfinHttp({ who: 'Jellyfin "attic"', url: sim.url, authorization, clock });
  const sync = openJellyfinSync({ name: 'attic', http, address: { url: sim.url }, device, clock });
  t.teardown(async () => {
    await sync[Symbol.asyncDispose]();
    await http[Symbol.asyncDispose]();
  });
  return sync;
};

const start = async (t: Test) => {
  const sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  t.teardown(() => sim[Symbol.asyncDispose]());
  const sync = openServer(t, sim);
  const path = join(await dataFolder(t), 'sync-log-ins.json');
  const store = await openLogInStore(path);
  const changed: string[] = [];
  const logIns = createLogIns({
    ...{ store, clock, log: silentLog, servers: new Map([['attic', sync.logIns]]) },
    changed: (server) => changed.push(server),
  });
  const id = sim.users.byName('anna')?.id ?? '';
  return { sim, sync, path, store, logIns, changed, id };
};

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 500) throw new Error(`not: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
};

t.test('by password, which is not kept; the token is, for its owner only, also over restarts', async (t) => {
  const { sim, path, logIns, changed, id } = await start(t);
  await t.rejects(logIns.byPassword('attic', { name: 'anna', password: 'guess' }, NEVER), { code: 'input_invalid' });
  await t.rejects(logIns.byPassword('barn', { name: 'anna', password: 'annapw' }, NEVER), { code: 'not_found' });
  t.match(await logIns.byPassword('attic', { name: 'Anna', password: 'annapw' }, NEVER), {
    server: 'attic',
    userId: id,
    userName: 'anna',
  });
  t.same(changed, ['attic']);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.notOk((await readFile(path, 'utf8')).includes('annapw'));
  const token = (await openLogInStore(path)).tokenOf('attic', id) ?? '';
  t.ok(sim.users.token(token));
  t.notOk(JSON.stringify(logIns.all()).includes(token), 'it is not shown');
});

t.test('by Quick Connect, once the user has agreed; the older log-in is void then', async (t) => {
  const { sim, store, logIns, id } = await start(t);
  await logIns.byPassword('attic', { name: 'anna', password: 'annapw' }, NEVER);
  const first = store.tokenOf('attic', id) ?? '';
  const begun = await logIns.beginQuickConnect('attic', NEVER);
  t.equal(await logIns.endQuickConnect(begun.id, NEVER), null);
  const authorization = `MediaBrowser Token="${first}", Client="Test", Device="tv", DeviceId="tv", Version="1"`;
  const agreed = await fetch(`${sim.url}/QuickConnect/Authorize?code=${begun.code}`, {
    method: 'POST',
    headers: { authorization },
  });
  t.equal(agreed.status, 200);
  t.match(await logIns.endQuickConnect(begun.id, NEVER), { userId: id });
  const second = store.tokenOf('attic', id) ?? '';
  t.not(second, first);
  t.equal(sim.users.token(first), null);
  t.ok(sim.users.token(second));
  await t.rejects(logIns.endQuickConnect(begun.id, NEVER), { code: 'not_found' }, 'it is done once');
});

t.test('taken back, it is void there and forgotten here; where the server is gone, at least here', async (t) => {
  const { sim, path, store, logIns, id } = await start(t);
  await logIns.byPassword('attic', { name: 'anna', password: 'annapw' }, NEVER);
  const token = store.tokenOf('attic', id) ?? '';
  await logIns.revoke('attic', id, NEVER);
  t.equal(sim.users.token(token), null);
  t.same(JSON.parse(await readFile(path, 'utf8')), { version: 1, logIns: [] });
  await t.rejects(logIns.revoke('attic', id, NEVER), { code: 'not_found' });
  await logIns.byPassword('attic', { name: 'anna', password: 'annapw' }, NEVER);
  await sim[Symbol.asyncDispose]();
  await logIns.revoke('attic', id, NEVER);
  t.same(logIns.all(), []);
});

t.test('a file that cannot be read is told, without what stands in it, and is left as it is', async (t) => {
  const path = join(await dataFolder(t), 'sync-log-ins.json');
  for (const text of ['{"version":1,"logIns":[{"token":"s3cret"}]}', 's3cret']) {
    await writeFile(path, text);
    const error = await openLogInStore(path).catch((thrown: unknown) => thrown);
    t.match(error, { code: 'storage_failed' });
    t.notOk(String(error).includes('s3cret'));
    t.equal(await readFile(path, 'utf8'), text);
  }
});

t.test('a user’s own socket tells at once what a key is not told, from their log-in on until they take it back', async (t) => {
  const { sim, sync, store, logIns, id } = await start(t);
  const told: (UserAt & { readonly itemId: string; readonly favourite: boolean })[] = [];
  const libraries: string[] = [];
  const heard = hearUsers({
    ...{ store, clock, log: silentLog, sockets: new Map([['attic', sync.hearUserSocket]]) },
    lookAt: async (at, { itemId, state }) => void told.push({ ...at, itemId, favourite: state.favourite }),
    lookAtAll: (server) => libraries.push(server),
  });
  const life = new AbortController();
  const running = heard.run(life.signal);
  await logIns.byPassword('attic', { name: 'anna', password: 'annapw' }, NEVER);
  heard.changed();
  await until('its socket is open', () => libraries.length > 0);
  const itemId = sim.items.find(({ type }) => type === 'Movie')?.id ?? '';
  await sync.server.write(id, itemId, { favourite: true }, NEVER);
  await until('it was told', () => told.some((one) => one.itemId === itemId));
  t.match(
    told.find((one) => one.itemId === itemId),
    { server: 'attic', userId: id, favourite: true },
  );
  await logIns.revoke('attic', id, NEVER);
  heard.changed();
  await new Promise((done) => setTimeout(done, 100));
  told.length = 0;
  await sync.server.write(id, itemId, { favourite: false }, NEVER);
  await new Promise((done) => setTimeout(done, 800));
  t.same(told, []);
  life.abort();
  await running;
});

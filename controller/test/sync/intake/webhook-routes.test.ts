// Hooks over HTTP: who may send, what is refused, and that nothing is acknowledged before it is kept.
import { request } from 'node:http';
import t, { type Test } from 'tap';
import { openHookSecrets } from '../../../src/sync/intake/hook-secrets.ts';
import { type InboxTables, openInboxStore } from '../../../src/sync/intake/inbox-store.ts';
import { type WebhookRoutesDeps, webhookRoutes } from '../../../src/sync/intake/webhook-routes.ts';
import { temporaryFolder } from '../../database/notes-database.ts';
import { bearer, call, rememberingLog, serve } from '../../http/serve.ts';
import { openInboxDatabase } from './inbox-database.ts';

const CONFIGURED = 'a secret of sixteen or more';
const body = JSON.stringify({
  NotificationType: 'UserDataSaved',
  ServerId: 'a',
  UserId: '21909780df1a40f7866ddcdf99a3b2c2',
  ItemId: '987a6fb968cd2780fd1984c5bf37c21e',
  Favorite: true,
  Video_0_Title: '1080p',
});

async function open(t: Test, more: Partial<WebhookRoutesDeps> = {}, maxWaiting = 100) {
  // `serve` has the folder of the test.
  const [folder, data] = [await temporaryFolder(), await temporaryFolder()];
  const database = await openInboxDatabase(folder.path);
  t.teardown(async () => {
    await database[Symbol.asyncDispose]();
    for (const one of [folder, data]) await one[Symbol.asyncDispose]();
  });
  const inbox = await openInboxStore(database.tables<InboxTables>(), maxWaiting);
  const servers = [
    { name: 'wan', secret: null, mayBeInUrl: false },
    { name: 'lan', secret: CONFIGURED, mayBeInUrl: true },
  ];
  const secrets = await openHookSecrets({ folder: data.path, servers });
  const added: string[] = [];
  const { log, lines } = rememberingLog();
  const routes = webhookRoutes({
    secrets,
    inbox,
    unwanted: () => null,
    onAdded: (server) => added.push(server),
    queue: () => ({ pending: inbox.count(), running: true }),
    now: () => 5_000,
    log,
    ...more,
  });
  const served = await serve(t, { routes, log });
  const send = async (path: string, text = body, headers: Record<string, string> = {}) => {
    const response = await fetch(`${served.url}/webhook/${path}`, { method: 'POST', body: text, headers });
    return { status: response.status, json: (await response.json()) as unknown };
  };
  const right = { 'x-headgate-secret': secrets.textOf('wan') };
  return { ...served, inbox, secrets, added, lines, send, right };
}

t.test('row 277: a hook is kept before it is acknowledged, with what it says and no more', async (t) => {
  const { send, right, inbox, added } = await open(t);
  t.same(await send('wan', body, right), { status: 200, json: { status: 'enqueued', events_enqueued: 1 } });
  const [hook] = await inbox.take('wan', 5);
  t.match(hook, { server: 'wan', receivedMs: 5_000, body: /"Favorite":true/ });
  t.notMatch(hook?.body, /Video/);
  t.same(added, ['wan']);
});

t.test('row 277: an unknown server is 404, a bad secret 401, a bad body 400 with the reason', async (t) => {
  const { send, right, inbox, lines } = await open(t);
  t.match(await send('elsewhere', body, right), {
    status: 404,
    json: { error: { code: 'not_found', message: 'Unknown server: elsewhere' } },
  });
  const wrong: Record<string, string>[] = [
    {},
    { 'x-headgate-secret': 'wrong' },
    { 'x-headgate-secret': '' },
    { 'x-headgate-secret': CONFIGURED },
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${CONFIGURED}` },
  ];
  for (const headers of wrong)
    t.match(await send('wan', body, headers), { status: 401, json: { error: { code: 'unauthenticated' } } });
  t.match(await send('wan', 'not a hook', {}), { status: 401 }, 'the secret is asked for first');
  t.match(await send('wan', '{"NotificationType": "UserDataSaved", ', right), {
    status: 400,
    json: { error: { code: 'input_invalid', message: /^the body is not JSON: / } },
  });
  t.match(await send('wan', '', right), { status: 400, json: { error: { message: 'the body is empty' } } });
  t.equal(inbox.count(), 0);
  t.equal(lines().match(/came with a wrong secret/g)?.length, 1, 'said once');
  t.equal(lines().match(/was refused/g)?.length, 1, 'when it begins');
  t.match(await send('wan', body, right), { status: 200 });
  t.match(lines(), /are taken again/);
  t.notMatch(lines(), new RegExp(CONFIGURED));
});

t.test('the secret comes in a header, as a bearer, or in the address where that is allowed', async (t) => {
  const { send, secrets } = await open(t);
  const query = `?secret=${encodeURIComponent(CONFIGURED)}`;
  t.equal((await send('lan', body, { 'X-Headgate-Secret': CONFIGURED })).status, 200);
  t.equal((await send(`lan${query}`)).status, 200);
  t.equal((await send('lan?secret=wrong')).status, 401);
  t.equal((await send('wan', body, { authorization: `Bearer ${secrets.textOf('wan')}` })).status, 200);
  t.equal((await send(`wan?secret=${secrets.textOf('wan')}`)).status, 401, 'not allowed there');
});

t.test('any content type is taken, and none', async (t) => {
  const { send, right, url, inbox } = await open(t);
  const types = ['text/plain; charset=utf-8', 'application/json', 'application/x-www-form-urlencoded', 'nonsense'];
  for (const type of types) t.equal((await send('wan', body, { ...right, 'content-type': type })).status, 200, type);
  const status = await new Promise((resolve, reject) => {
    const bare = request(`${url}/webhook/wan`, { method: 'POST', headers: right }, (response) =>
      resolve(response.resume().statusCode),
    );
    bare.on('error', reject).end(body);
  });
  t.equal(status, 200);
  t.equal(inbox.count(), 5);
});

t.test('what is too large is 413, what does not fit any more 503', async (t) => {
  const { send, right, inbox, added } = await open(t, {}, 2);
  t.match(await send('wan', JSON.stringify({ NotificationType: 'x', Overview: 'x'.repeat(300_000) }), right), { status: 413 });
  await Promise.all([send('wan', body, right), send('wan', body, right)]);
  t.match(await send('wan', body, right), { status: 503, json: { error: { code: 'storage_failed', message: /^2 hooks wait/ } } });
  t.equal(inbox.count(), 2);
  t.equal(added.length, 2);
});

t.test('what says nothing, or is not wanted, is answered and not kept', async (t) => {
  const { send, right, inbox } = await open(t, {
    unwanted: (_, { said }) => ('favourite' in said ? 'favourites are off' : null),
  });
  t.same(await send('wan', body, right), { status: 200, json: { status: 'skipped', reason: 'favourites are off' } });
  t.same(await send('wan', '{"NotificationType": "UserCreated"}', right), {
    status: 200,
    json: { status: 'skipped', reason: 'missing user info' },
  });
  t.equal(inbox.count(), 0);
});

t.test('row 278: GET /webhook/test answers anybody; the queue is for those who may read', async (t) => {
  const { url, auth, send, right } = await open(t);
  t.same((await call(`${url}/webhook/test`)).json, { status: 'ok', message: 'Webhook receiver is running' });
  await send('wan', body, right);
  t.equal((await call(`${url}/webhook/queue`)).status, 401);
  t.same((await call(`${url}/webhook/queue`, { headers: await bearer(auth, 'read') })).json, {
    pending_events: 1,
    worker_running: true,
  });
});

t.test('hundreds at once are all kept, in few commits', async (t) => {
  const { send, right, inbox } = await open(t, {}, 1_000);
  const answers = await Promise.all(Array.from({ length: 300 }, () => send('wan', body, right)));
  t.ok(answers.every(({ status }) => status === 200));
  t.equal((await inbox.take('wan', 1_000)).length, 300);
});

t.test('row 302: nothing is dropped by time: on, off and on again within a moment are all kept, in order', async (t) => {
  const { send, right, inbox } = await open(t);
  for (const Favorite of [true, false, true]) await send('wan', JSON.stringify({ ...JSON.parse(body), Favorite }), right);
  const kept = await inbox.take('wan', 5);
  t.same(
    kept.map((hook) => (JSON.parse(hook.body) as { Favorite: boolean }).Favorite),
    [true, false, true],
  );
});

t.test('row 293: a log at debug has neither the body of a hook nor a secret', async (t) => {
  const { send, right, secrets, lines } = await open(t);
  await send('wan', body, right);
  await send('wan', '{"NotificationType": "UserDataSaved", "ItemId": "", "Name": "a title"}', right);
  await send(`lan?secret=${encodeURIComponent(CONFIGURED)}`);
  await send('lan?secret=a-wrong-one');
  t.match(lines(), /ItemId is missing/);
  for (const secret of [secrets.textOf('wan'), CONFIGURED, 'secret=', 'a-wrong-one', 'a title', '1080p'])
    t.notOk(lines().includes(secret), secret);
});

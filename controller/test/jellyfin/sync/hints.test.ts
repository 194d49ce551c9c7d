// What a simulated Jellyfin tells of changes by key, and its webhook plugin while others write beside us.
import t from 'tap';
import { startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { startRelay } from '../asked.ts';
import { unknownTo } from '../openapi.ts';
import { byKey } from '../viewer.ts';
import { NEVER, openSync } from './open-sync.ts';

const PATH = '/Plugins/71552a5a5c5c4350a2aeebe451a30173/Configuration';
const TARGET = { url: 'http://127.0.0.1:9/webhook/main', header: { name: 'X-Headgate-Secret', value: 'secret' } };

t.test('a long absence: the log is read in pages, each entry once, the oldest first', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using sync = openSync(sim);
  const sinceMs = Date.now() - 1000;
  for (let n = 0; n < 700; n += 1) sim.users.add(`user-${n}`, 'pw');
  const { entries, isComplete } = await sync.changeFeeds.activitySince(sinceMs, NEVER);
  t.ok(isComplete);
  const made = entries.filter(({ kind }) => kind === 'user-created');
  t.same(
    made.slice(-700).map(({ userId }) => userId),
    sim.users
      .list()
      .slice(-700)
      .map(({ id }) => id),
  );
  t.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
});

t.test('a server without the plugin is told from one with it', async (t) => {
  await using sim = await startJellyfinSimulator({ webhookPlugin: false });
  await using sync = openSync(sim);
  t.equal(await sync.hookPlugin.installed(NEVER), null);
  await t.rejects(sync.hookPlugin.ensure(TARGET, NEVER), { code: 'not_found' });
  await using other = await startJellyfinSimulator({});
  await using its = openSync(other);
  t.match(await its.hookPlugin.installed(NEVER), { isActive: true, status: 'Active' });
});

t.test('entries of others beside ours, written meanwhile, stay; ours stands once', async (t) => {
  await using sim = await startJellyfinSimulator({});
  await using relay = await startRelay(sim.url);
  await using sync = openSync({ url: relay.url, apiKey: sim.apiKey });
  const standing = async () => (await byKey(sim, 'GET', PATH)).json() as { GenericOptions?: readonly { WebhookName?: string }[] };
  const theirs = { WebhookName: 'theirs', WebhookUri: 'http://127.0.0.1:9/', NotificationTypes: ['PlaybackStart'] };
  t.equal((await byKey(sim, 'POST', PATH, { body: { ...(await standing()), GenericOptions: [theirs] } })).status, 204);
  await Promise.all([sync.hookPlugin.ensure(TARGET, NEVER), sync.hookPlugin.ensure(TARGET, NEVER)]);
  const names = (await standing()).GenericOptions?.map(({ WebhookName: name }) => name);
  t.same(names, ['theirs', 'headgate-contract', 'headgate-contract users']);
  t.equal(await sync.hookPlugin.ensure(TARGET, NEVER), 'unchanged');
  // Of a write that another's undid it is not said that it stands.
  await byKey(sim, 'POST', PATH, { body: { ...(await standing()), GenericOptions: [theirs] } });
  sim.inject({ method: 'POST', path: /Configuration$/, times: 3, answer: 204 });
  await t.rejects(sync.hookPlugin.ensure(TARGET, NEVER), { code: 'upstream_failed', message: /does not stay as written/ });
  t.same([...new Set(relay.asked.flatMap(unknownTo))], []);
  t.notOk(JSON.stringify(relay.asked.map(({ path, query }) => [path, query])).includes('secret'));
});

// What sync shows and takes over HTTP, asked of a running Headgate between two Jellyfins.
import t, { type Test } from 'tap';
import { systemClock } from '../../../controller/src/clock.ts';
import { migrations } from '../../../controller/src/database/migrations/index.ts';
import { openDatabase } from '../../../controller/src/database/open-database.ts';
import { silentLog } from '../../../controller/src/log.ts';
import type { SyncTables } from '../../../controller/src/sync/state/sync-tables.ts';
import { type Api, call, logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, FILMS, filmsOf, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

type Event = { readonly id: number; readonly item_name: string; readonly target_server: string; readonly last_error: string };
type Queue = Readonly<Record<'pending_events' | 'processing_events' | 'waiting_for_item_events' | 'failed_events', number>>;
type Log = { readonly entries: readonly (Event & { readonly success: boolean })[]; readonly total: number };

async function open(t: Test) {
  const home = await startSyncHome(t, {
    servers: { attic: { version: '12.0.0' }, barn: { version: '10.10.7' } },
    sync: { max_retries: 0, retry_delay_seconds: 1 },
  });
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const [atAttic, atBarn] = [await attic.logIn('anna'), await barn.logIn('anna')];
  const api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
  const show = () => home.controller.lines().slice(-6);
  const favourite = (film: string, on = true) => atAttic.call(on ? 'POST' : 'DELETE', `/UserFavoriteItems/${attic.itemId(film)}`);
  const atBarnIs = (film: string, on: boolean) =>
    until(`${film} at barn: ${on}`, async () => (await atBarn.state(film))['IsFavorite'] === on, { show });
  const queue = () => api.get<Queue>('/api/queue');
  return { home, attic, barn, atAttic, atBarn, api, show, favourite, atBarnIs, queue };
}

const refused = async (t: Test, api: Api, path: string, says: RegExp): Promise<void> => {
  const { status, text } = await api.call('GET', path);
  t.equal(status, 400, path);
  t.match(text, says, path);
};

/** Written while nobody else has the folder. */
async function logOfLongAgo(path: string): Promise<void> {
  await using database = await openDatabase({ path, log: silentLog, clock: systemClock, migrations });
  const row = { id: 999_999_999, at_ms: 1_000, origin: 'attic', target: 'barn', person: 'anna', identity: 'x', item_id: 'x' };
  const said = {
    item_name: 'Long ago',
    event_type: 'watched',
    before: '{}',
    after: '{}',
    success: 1,
    message: 'synced',
  } as const;
  await database
    .tables<SyncTables>()
    .insertInto('sync_log')
    .values({ ...row, ...said })
    .execute();
}

t.test('sync over HTTP', async (t) => {
  const { home, attic, barn, atAttic, atBarn, api, show, favourite, atBarnIs, queue } = await open(t);

  await t.test('rows 298-301, 306: nothing without a log-in; reading alone changes nothing', async (t) => {
    const reads = ['status', 'queue', 'servers', 'users', 'events/pending', 'events/waiting', 'events/failed', 'sync-log'];
    for (const path of [...reads, 'sync/alignment', 'sync/export', 'sync/explain?user=anna&item=x'])
      t.equal((await call(`${home.httpUrl}/api/${path}`, 'GET')).status, 401, path);
    const { body } = await api.call('POST', '/api/tokens', { name: 'reader', scope: 'read' });
    const headers = { authorization: `Bearer ${(body as { readonly token: string }).token}` };
    t.equal((await call(`${home.httpUrl}/api/status`, 'GET', { headers })).status, 200);
    for (const path of ['sync/pause', 'sync/resume', 'events/1/retry', 'events/failed/retry'])
      t.equal((await call(`${home.httpUrl}/api/${path}`, 'POST', { headers })).status, 403, path);
    t.equal((await call(`${home.httpUrl}/api/sync/undo`, 'POST', { headers, body: { id: 1 } })).status, 403);
    t.equal((await call(`${home.httpUrl}/api/events/1`, 'DELETE', { headers })).status, 403);
  });

  await t.test("row 298: the status has the seed's names, made true", async (t) => {
    type Status = { readonly servers: readonly { readonly version: string | null }[] };
    const known = async () => (await api.get<Status>('/api/status')).servers.every(({ version }) => version !== null);
    await until('versions', known, { show });
    const status = await api.get<Record<string, unknown>>('/api/status');
    t.match(status, {
      status: 'healthy',
      uptime_seconds: Number,
      version: /^\d/,
      servers: [
        { name: 'attic', url: attic.sim.url, passwordless: false, healthy: true, version: '12.0.0' },
        { name: 'barn', url: barn.sim.url, passwordless: false, healthy: true, version: '10.10.7' },
      ],
      queue: { pending_events: 0, waiting_for_item_events: 0, failed_events: 0, worker_running: true },
      database: { connected: true, pending_events_count: 0, item_cache_total: 8, item_cache_by_server: { attic: 4, barn: 4 } },
      sync_stats: { total_synced: Number, successful: Number, failed: 0 },
    });
    t.ok((status['database'] as { readonly database_size_bytes: number }).database_size_bytes > 1_000);
    const users = await api.get<{ users: readonly { username: string; servers: Record<string, string> }[] }>('/api/users');
    t.match(users, { servers: ['attic', 'barn'] });
    t.same(
      users.users.find(({ username }) => username === 'anna'),
      { username: 'anna', servers: { attic: atAttic.id, barn: atBarn.id } },
    );
    t.equal((await api.get<readonly unknown[]>('/api/servers')).length, 2);
  });

  await t.test(
    'rows 280, 281, 306: it is brought at once, not at the next look a minute later; what was written is in the log, by each of its filters; bad input is named',
    async (t) => {
      await favourite('Alpha');
      await atBarnIs('Alpha', true);
      const fits = async (query: string) => (await api.get<Log>(`/api/sync-log?${query}`)).total;
      await until('the log', async () => (await fits('item_name=alph')) === 1, { show });
      const { entries } = await api.get<Log>('/api/sync-log?item_name=alph');
      t.match(entries, [
        {
          ...{ event_type: 'favorite', source_server: 'attic', target_server: 'barn', username: 'anna', item_name: 'Alpha' },
          ...{ synced_value: 'favorite true', success: true, message: 'synced', item_id: barn.itemId('Alpha') },
          ...{ before: { favorite: false }, after: { favorite: true } },
        },
      ]);
      t.equal(await fits('target_server=barn&event_type=favorite&since_minutes=5&source_server=attic'), 1);
      for (const none of ['target_server=attic', 'source_server=barn', 'event_type=rating', 'item_name=%25'])
        t.equal(await fits(none), 0, none);
      const second = await api.get<Log>('/api/sync-log?limit=1&offset=1');
      t.match(second, { entries: [], total: 1, limit: 1, offset: 1 });
      await refused(t, api, '/api/sync-log?limit=0', /query\.limit/);
      await refused(t, api, '/api/sync-log?event_type=eaten', /query\.event_type/);
      await refused(t, api, '/api/events/pending?limit=many', /query\.limit/);
      await refused(t, api, '/api/sync/explain?user=anna', /query\.item/);
    },
  );

  await t.test('one item is explained: what is agreed, who set it, what each server has', async (t) => {
    const told = await api.get<Record<string, unknown>>(`/api/sync/explain?user=Anna&item=${barn.itemId('Alpha')}`);
    t.match(told, {
      person: 'anna',
      item_name: 'Alpha',
      servers: [
        {
          server: 'attic',
          user: 'anna',
          item_id: attic.itemId('Alpha'),
          now: { favorite: true },
          last_seen: { favorite: true },
          differs: [],
          held: [],
        },
        { server: 'barn', item_id: barn.itemId('Alpha'), now: { favorite: true }, problem: null, differs: [] },
      ],
      lacking: [],
      waiting: [],
      log: [{ item_name: 'Alpha' }],
    });
    const fields = told['fields'] as readonly { readonly field: string }[];
    t.match(
      fields.find(({ field }) => field === 'favorite'),
      { value: true, set_by: 'attic', set_at: /^2/, why: /set at attic/ },
    );
    const only = await api.get<{ servers: readonly unknown[] }>(
      `/api/sync/explain?user=anna&item=${barn.itemId('Alpha')}&server=barn`,
    );
    t.equal(only.servers.length, 1);
    const byTitle = await api.get<Record<string, unknown>>('/api/sync/explain?user=anna&item=alpha');
    t.match(byTitle, { item_name: 'Alpha', servers: [{ server: 'attic' }, { server: 'barn' }] }, 'as people name it');
    for (const [query, says] of [
      ['user=nobody&item=x', /query\.user/],
      ['user=anna&item=nothing', /query\.item/],
      ['user=anna&item=x&server=cellar', /query\.server/],
    ] as const) {
      const { status, text } = await api.call('GET', `/api/sync/explain?${query}`);
      t.equal(status, 404, query);
      t.match(text, says);
    }
  });

  await t.test('one writing is undone: told first, then everywhere, and only once', async (t) => {
    const [entry] = (await api.get<Log>('/api/sync-log?item_name=Alpha')).entries;
    const undo = (body: object) => api.call('POST', '/api/sync/undo', body);
    const would = await undo({ id: entry?.id, dry_run: true });
    t.match(would.body, {
      ...{ dry_run: true, entries: 1, items: 1 },
      changes: [
        {
          username: 'anna',
          item_name: 'Alpha',
          fields: [{ field: 'favorite', from: true, to: false }],
          servers: ['attic', 'barn'],
        },
      ],
    });
    t.equal((await atAttic.state('Alpha'))['IsFavorite'], true, 'only told');
    t.equal((await undo({ id: entry?.id })).status, 200);
    await atBarnIs('Alpha', false);
    await until('attic too', async () => (await atAttic.state('Alpha'))['IsFavorite'] === false, { show });
    t.equal((await undo({ id: entry?.id })).status, 409, 'it is as it was before');
    for (const [body, says] of [
      [{}, /body\.id/],
      [{ id: 1, since: '2026-01-01T00:00:00Z' }, /body\.since/],
      [{ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }, /body\.until/],
      [{ since: 'yesterday' }, /body\.since/],
    ] as const) {
      const { status, text } = await undo(body);
      t.equal(status, 400);
      t.match(text, says);
    }
    for (const body of [
      { id: 987_654 },
      { since: '2026-01-01T00:00:00Z', server: 'cellar' },
      { since: '2026-01-01T00:00:00Z', person: 'x' },
    ])
      t.equal((await undo(body)).status, 404, JSON.stringify(body));
  });

  await t.test('a range of time is undone; what was set anew since stays', async (t) => {
    const since = new Date().toISOString();
    await favourite('Beta');
    await favourite('Gamma');
    await atBarnIs('Beta', true);
    await atBarnIs('Gamma', true);
    const until_ = new Date(Date.now() + 1_000).toISOString();
    await new Promise((pass) => setTimeout(pass, 1_100));
    await favourite('Gamma', false);
    await atBarnIs('Gamma', false);
    await favourite('Gamma', true);
    await atBarnIs('Gamma', true);
    const range = { since, until: until_, person: 'Anna', server: 'barn' };
    const { body } = await api.call('POST', '/api/sync/undo', range);
    await atBarnIs('Beta', false);
    await until('attic too', async () => (await atAttic.state('Beta'))['IsFavorite'] === false, { show });
    t.match(body, {
      items: 1,
      changes: [
        { item_name: 'Beta', kept: [] },
        { item_name: 'Gamma', fields: [], kept: [/set anew since/] },
      ],
    });
    t.equal((await atBarn.state('Gamma'))['IsFavorite'], true);
  });

  await t.test('paused: what is done is noted, nothing is written, also after a restart; resumed: it is brought', async (t) => {
    t.same((await api.call('POST', '/api/sync/pause')).body, { paused: true });
    await favourite('Delta');
    await until('it is queued', async () => (await queue()).pending_events === 1, { show });
    const told = await api.get<{ waiting: readonly object[] }>(`/api/sync/explain?user=anna&item=${attic.itemId('Delta')}`);
    t.match(told.waiting, [{ target_server: 'barn', why: 'sync is paused' }]);
    t.match(await api.get('/api/events/pending'), [
      {
        event_type: 'favorite',
        source_server: 'attic',
        target_server: 'barn',
        username: 'anna',
        item_name: 'Delta',
        status: 'pending',
      },
    ]);
    t.equal((await api.call('POST', '/api/sync/compare', { full: true })).status, 409);
    await home.controller.stop();
    await logOfLongAgo(home.dataFolder);
    await home.controller.start();
    t.match(await queue(), { paused: true, pending_events: 1 });
    const longAgo = async () => (await api.get<Log>('/api/sync-log?item_name=Long%20ago')).total;
    await until('row 280: what is older than the log may be is dropped by itself', async () => (await longAgo()) === 0, { show });
    t.equal((await atBarn.state('Delta'))['IsFavorite'], false);
    t.same((await api.call('POST', '/api/sync/resume')).body, { paused: false });
    await atBarnIs('Delta', true);
  });

  await t.test('rows 273, 299, 300: a server that is off is named with its age, and what is for it counted', async (t) => {
    await barn.sim.powerOff();
    await favourite('Delta', false);
    await until('it waits', async () => (await queue()).pending_events === 1, { show });
    type Server = { readonly name: string; readonly healthy: boolean };
    const isAway = async () => (await api.get<readonly Server[]>('/api/servers')).some(({ healthy }) => !healthy);
    await until('it is away', isAway, { show, mostMs: 30_000 });
    type Status = { readonly status: string; readonly problem: string | null };
    const isTold = async () => (await api.get<Status>('/api/status')).problem === 'barn does not answer';
    await until('the status says so', isTold, { show, mostMs: 30_000 });
    t.match(await api.get('/api/status'), {
      ...{ status: 'degraded', problem: 'barn does not answer' },
      servers: [{ healthy: true }, { healthy: false, away_since: /^2/, problem: String, pending_events: 1 }],
    });
    const ready = await fetch(`${home.httpUrl}/readyz`);
    t.equal(ready.status, 200, 'hooks of the other server are still taken');
    const told = await api.get<{ waiting: readonly object[]; servers: readonly object[] }>(
      `/api/sync/explain?user=anna&item=${attic.itemId('Delta')}`,
    );
    t.match(told, {
      servers: [{ now: { favorite: false } }, { now: null, problem: String }],
      waiting: [{ why: /^barn does not answer/ }],
    });
    await until(
      'it is named there',
      async () => (await (await fetch(`${home.httpUrl}/readyz`)).text()).includes('"name":"barn","ok":false'),
      {
        mostMs: 30_000,
      },
    );
    await barn.sim.powerOn();
    await until('delivered', async () => (await queue()).pending_events === 0, { show, mostMs: 30_000 });
    await atBarnIs('Delta', false);
    await until('well again', async () => !(await isAway()), { show, mostMs: 30_000 });
  });

  await t.test('rows 267, 290, 299: what a server refuses is set aside with its reason, tried again, or dropped', async (t) => {
    const refuse = () => barn.sim.inject({ method: 'POST', by: 'key', path: /^\/UserItems\//i, times: 50, answer: 400 });
    refuse();
    await favourite('Beta');
    await until('set aside', async () => (await queue()).failed_events === 1, { show, mostMs: 20_000 });
    const [letter] = await api.get<readonly Event[]>('/api/events/failed');
    t.match(letter, { item_name: 'Beta', target_server: 'barn', last_error: /400/ });
    barn.sim.clearFaults();
    t.match((await api.call('POST', `/api/events/${letter?.id}/retry`)).body, { success: true, message: /Beta/ });
    await atBarnIs('Beta', true);
    const isDone = async (): Promise<boolean> => {
      const { failed_events: failed, pending_events: pending } = await queue();
      return failed + pending === 0;
    };
    await until('gone, and read back', isDone, { show });
    t.equal((await api.call('POST', `/api/events/${letter?.id}/retry`)).status, 404);
    t.equal((await api.call('POST', '/api/events/beta/retry')).status, 400);
    refuse();
    await favourite('Beta', false);
    await until('set aside again', async () => (await queue()).failed_events === 1, { show, mostMs: 20_000 });
    t.match((await api.call('POST', '/api/events/failed/retry?server=attic')).body, { message: '0 are tried again' });
    t.match((await api.call('POST', '/api/events/failed/retry')).body, { message: '1 is tried again' });
    await until('set aside once more', async () => (await queue()).failed_events === 1, { show, mostMs: 20_000 });
    const [again] = await api.get<readonly Event[]>('/api/events/failed');
    t.equal((await api.call('DELETE', `/api/events/${again?.id}`)).status, 204);
    t.equal((await queue()).failed_events, 0);
    t.equal((await api.call('DELETE', `/api/events/${again?.id}`)).status, 404);
    barn.sim.clearFaults();
  });

  await t.test('rows 272, 274: alive under any load, by either name', async (t) => {
    const hooks = Array.from({ length: 300 }, () =>
      fetch(`${home.httpUrl}/webhook/attic`, { method: 'POST', body: '{"NotificationType":"UserDataSaved"}' }),
    );
    for (const path of ['/healthz', '/health', '/healthz'])
      t.match(await call(`${home.httpUrl}${path}`, 'GET'), { status: 200, body: { status: 'ok' } });
    for (const answer of await Promise.all(hooks)) await answer.body?.cancel();
  });

  await t.test('the first meeting, a comparison and an export', async (t) => {
    const { users } = await api.get<{ users: readonly { server: string; username: string }[] }>('/api/sync/alignment');
    t.match(
      users.filter(({ username }) => username === 'anna').map(({ server }) => server),
      ['attic', 'barn'],
    );
    t.match((await api.call('POST', '/api/sync/compare', { server: 'attic', full: true })).body, {
      servers: [{ server: 'attic', state: 'done', differing: 0, problem: null }],
    });
    t.equal((await api.call('POST', '/api/sync/compare', { server: 'cellar', full: true })).status, 404);
    t.match((await api.call('POST', '/api/sync/compare', {})).text, /body\.full/);
    const { text } = await api.call('GET', '/api/sync/export');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    t.match(lines[0], { kind: 'headgate-sync', version: 1 });
    t.match(lines.at(-1), { kind: 'end' });
    t.match(
      lines.find(({ kind, name }) => kind === 'agreed' && name === 'Alpha'),
      { person: 'anna', fields: { favorite: { value: false, set_by: 'undo' } } },
    );
    t.ok(lines.some(({ kind, server, item_id: id }) => kind === 'seen' && server === 'barn' && id === barn.itemId('Alpha')));
  });

  await t.test('numbers of each part, and a document that describes the routes', async (t) => {
    t.match(await api.get('/api/servers'), [
      { name: 'attic', hooks: 'expected', missed_hooks: 0, last_missed_hook_at: null },
      { name: 'barn', hooks: 'expected', missed_hooks: 0, last_missed_hook_at: null },
    ]);
    const { text } = await api.call('GET', '/metrics');
    for (const [name, labels] of [
      ['hooks_total', 'server="attic"'],
      ['delivered_total', 'server="barn"'],
      ['set_aside_total', 'server="barn"'],
      ['missed_hooks_total', 'server="barn"'],
      ['hooks_lost', 'server="barn"'],
      ['queue', 'server="barn",status="pending"'],
      ['lag_seconds', 'server="barn"'],
      ['away_seconds', 'server="barn"'],
      ['clock_skew_seconds', 'server="attic"'],
    ] as const)
      t.match(text, new RegExp(`^headgate_sync_${name}\\{${labels}\\} -?\\d`, 'm'), name);
    type Operation = {
      readonly tags: readonly string[];
      readonly summary: string;
      readonly parameters: readonly { readonly required: boolean }[];
    };
    const { paths } = await api.get<{ paths: Record<string, Record<string, Operation>> }>('/openapi.json');
    for (const path of ['/api/status', '/api/events/{id}/retry', '/api/sync/undo', '/api/sync/explain'])
      t.ok(path in paths, path);
    for (const [path, { get }] of Object.entries(paths)) {
      if (!get?.tags.includes('sync') || get.parameters.some(({ required }) => required)) continue;
      t.equal((await api.call('GET', path)).status, 200, `${path}: ${get.summary}`);
    }
  });

  await t.test('row 313: killed while a write is on its way: it is done once more, and nothing is left over', async (t) => {
    barn.sim.inject({ method: 'POST', by: 'key', path: /^\/UserItems\//i, answer: 'hang' });
    await favourite('Gamma', false);
    await until('on its way', async () => (await queue()).processing_events === 1, { show });
    t.equal((await queue()).pending_events, 1, 'it counts as pending');
    await home.controller.kill();
    barn.sim.clearFaults();
    await home.controller.start();
    await atBarnIs('Gamma', false);
    await until('done', async () => (await queue()).pending_events === 0, { show });
    t.match(await queue(), { processing_events: 0, failed_events: 0 });
  });

  await t.test(
    'row 297: a hook of an item that nobody knows is taken while its server answers no question, outlasts a kill, and arrives',
    async (t) => {
      await barn.sim.addItems([filmsOf('barn', [...FILMS, 'Epsilon'])]);
      await attic.sim.addItems([filmsOf('attic', [...FILMS, 'Epsilon'])]);
      attic.sim.inject({ by: 'key', path: /./, times: 10_000, answer: 503 });
      attic.sim.webhooks.forget();
      await favourite('Epsilon');
      await until('it was taken', () => attic.sim.webhooks.sent().length === 1, { show });
      t.match(attic.sim.webhooks.sent(), [{ type: 'UserDataSaved', outcome: 200 }]);
      await home.controller.kill();
      await home.controller.start();
      attic.sim.clearFaults();
      await until('it is there', async () => (await atBarn.state('Epsilon'))['IsFavorite'] === true, { show, mostMs: 40_000 });
    },
  );
});

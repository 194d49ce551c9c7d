// The REST API of a running Headgate: log-in, tokens, settings, boost, restore; and a document that tells the truth about it.
import t from 'tap';
import { type Answer, call, logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

type Operation = {
  readonly operationId: string;
  readonly 'x-access': string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
};
type Document = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: object; readonly schemas: Readonly<Record<string, unknown>> };
};
type View = { readonly mode: string; readonly settings: { readonly algorithm: string; readonly boosts: readonly unknown[] } };

t.test('the REST API', async (t) => {
  const { home, observer } = await startWatchedHome(t);
  const url = (path: string): string => `${home.httpUrl}${path}`;

  await t.test('nothing but what is public without a log-in', async (t) => {
    for (const [method, path] of [
      ['GET', '/api/bandwidth'],
      ['GET', '/api/telemetry'],
      ['PATCH', '/api/bandwidth/settings'],
      ['POST', '/api/bandwidth/restore'],
      ['GET', '/metrics'],
    ] as const)
      t.equal((await call(url(path), method)).status, 401, `${method} ${path}`);
    t.equal((await call(url('/api/login'), 'POST', { body: { password: 'not it' } })).status, 401);
  });

  const api = await logIn(home);
  const token = async (scope: string): Promise<Readonly<Record<string, string>>> => {
    const { body } = await api.call('POST', '/api/tokens', { name: scope, scope });
    return { authorization: `Bearer ${(body as { readonly token: string }).token}` };
  };

  await t.test('tokens: one that reads may not write, one that writes may not make another', async (t) => {
    const read = await token('read');
    const write = await token('write');
    t.equal((await call(url('/api/bandwidth'), 'GET', { headers: read })).status, 200);
    t.equal((await call(url('/api/bandwidth/settings'), 'PATCH', { headers: read, body: { algorithm: 'equal' } })).status, 403);
    t.equal((await call(url('/api/bandwidth/settings'), 'PATCH', { headers: write, body: { algorithm: 'equal' } })).status, 200);
    t.equal((await call(url('/api/tokens'), 'POST', { headers: write, body: { name: 'successor' } })).status, 403);
    t.match((await call(url('/metrics'), 'GET', { headers: read })).text, /^headgate_capacity_up_bits_per_second 20000000$/m);
  });

  await t.test('metrics of each loop step (row 73)', async (t) => {
    const { text } = await api.call('GET', '/metrics');
    const steps = {
      'look at the router': ['wan_up_bits_per_second', 'wan_down_bits_per_second', 'router_silent_seconds'],
      'look at the neighbours': ['neighbour_up', 'streams', 'remote_demand_bits_per_second'],
      decide: ['decisions_total', 'capacity_up_bits_per_second', 'other_up_bits_per_second', 'headroom_bits_per_second'],
      'carry out': ['viewer_cap_bits_per_second', 'torrent_limit_bits_per_second', 'torrents_paused', 'originals_held'],
    };
    for (const [step, names] of Object.entries(steps))
      for (const name of names) t.match(text, new RegExp(`^headgate_${name}(\\{.*\\})? -?\\d`, 'm'), `${step}: ${name}`);
    t.match(text, /^headgate_neighbour_up\{neighbour="main",type="jellyfin"\} 1$/m);
  });

  await t.test('settings are checked, kept and shown', async (t) => {
    t.equal((await api.get<View>('/api/bandwidth')).settings.algorithm, 'equal');
    for (const body of [{}, { algorithm: 'foo' }, { reserve_percent: 91 }, { capacity_mbps: -1 }, { colour: 'red' }])
      t.equal((await api.call('PATCH', '/api/bandwidth/settings', body)).status, 400, JSON.stringify(body));
    t.equal((await api.call('PATCH', '/api/bandwidth/settings', { algorithm: 'demand', reserve_percent: 5 })).status, 200);
    await until('shown over MQTT', () => observer.state()?.reserve_percent === 5, { mostMs: 3_000, show: observer.state });
  });

  await t.test('a stream, its decision and its reason are shown; a boost ends (rows 12, 28)', async (t) => {
    await watchFromOutside(home);
    await until('the stream', async () => (await api.get<readonly unknown[]>('/api/bandwidth/streams')).length === 1);
    await until('caps in force', () => (limitsOf(home)['anna'] ?? 0) > 0);
    t.match(await api.get('/api/bandwidth/streams'), [{ user: 'anna', place: 'remote', counts: true, capped: true }]);
    const [decision] = await api.get<readonly { readonly reason: string; readonly detail: object }[]>(
      '/api/bandwidth/decisions?limit=1',
    );
    t.match(decision, { reason: /Mbit\/s/, detail: { remote_streams: 1, capacity_bps: 20_000_000 } });
    t.equal((await api.call('POST', '/api/bandwidth/boost', { viewer: 'main/anna', minutes: 10 })).status, 204);
    t.equal((await api.get<View>('/api/bandwidth')).settings.boosts.length, 1);
    t.equal((await api.call('POST', '/api/bandwidth/boost', { viewer: 'main/anna', minutes: 0 })).status, 204);
    t.equal((await api.get<View>('/api/bandwidth')).settings.boosts.length, 0);
    t.equal((await api.call('POST', '/api/bandwidth/boost', { viewer: 'main/nobody', minutes: 1 })).status, 404);
  });

  await t.test('an override and a pause hold for their time, and can be taken back', async (t) => {
    type Shown = {
      readonly mode: string;
      readonly settings: { readonly enabled: boolean; readonly overrides: readonly object[] };
    };
    for (const body of [{ minutes: 5 }, { minutes: 20_000, upload_mbps: 5 }, { minutes: 5, upload_mbps: 0 }, { upload_mbps: 5 }])
      t.equal((await api.call('POST', '/api/bandwidth/override', body)).status, 400, JSON.stringify(body));
    t.equal((await api.call('POST', '/api/bandwidth/override', { minutes: 5, upload_mbps: 12 })).status, 200);
    t.match((await api.get<Shown>('/api/bandwidth')).settings.overrides, [{ settings: { capacityUpBps: 12_000_000 } }]);
    await until('in force, over MQTT', () => observer.state()?.capacity_up_bps === 12_000_000, { show: observer.state });
    t.equal((await api.call('POST', '/api/bandwidth/override', { minutes: 0, upload_mbps: 12 })).status, 200);
    t.equal((await api.call('POST', '/api/bandwidth/pause', { minutes: 30 })).status, 200);
    await until('everything is back', () => limitsOf(home)['anna'] === ORIGINALS['anna'], { show: () => limitsOf(home) });
    t.match(observer.state(), { mode: 'off', pause_minutes: 30 });
    t.equal((await api.call('POST', '/api/bandwidth/pause', { minutes: 0 })).status, 200);
    await until('caps again', () => (limitsOf(home)['anna'] ?? 0) > 0);
  });

  await t.test('the OpenAPI document is whole, and each route in it answers', async (t) => {
    const document = (await api.get<Document>('/openapi.json')) as Document;
    t.match(document, { openapi: /^3\.1\./, info: { title: 'Headgate', version: /./ } });
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    t.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length, 'each has its own id');
    t.ok(operations.length >= 15);
    for (const [, name = ''] of JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g))
      t.ok(name in document.components.schemas, name);
    for (const { path, method, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      t.same(declared, named, `${method} ${path} declares its path parameters`);
      if (path === '/api/logout' || path === '/api/bandwidth/restore') continue; // they end what the others need
      const answer: Answer = await api.call(
        method.toUpperCase(),
        path.replaceAll(/\{\w+\}/g, 'none'),
        operation.requestBody ? {} : undefined,
      );
      t.ok(answer.status < 500 && answer.status !== 405, `${method} ${path}: ${answer.status}`);
      // Where nothing is required, `{}` is a body like any other: then it is the path that names nothing.
      if (operation.requestBody)
        t.ok(answer.status === 400 || (named.length > 0 && answer.status === 404), `${method} ${path} checks its body`);
      else if (method === 'get' && named.length === 0) t.equal(answer.status, 200, `${method} ${path}`);
    }
    t.equal((await api.call('GET', '/api/no-such-thing')).status, 404);
    t.match((await api.call('GET', '/docs')).text, /<html/i);
  });

  await t.test('restore puts everything back and stays off; log-out ends the session', async (t) => {
    const { status, body } = await api.call('POST', '/api/bandwidth/restore');
    t.equal(status, 200);
    t.same(body, { not_restored: [] });
    t.same(limitsOf(home), ORIGINALS);
    await until('off', async () => (await api.get<View>('/api/bandwidth')).mode === 'off');
    t.equal((await api.call('POST', '/api/logout')).status, 204);
    t.equal((await api.call('GET', '/api/bandwidth')).status, 401);
  });
});

// TV channels and the world outside: no secret shows, no route changes anything for strangers, and who watches from outside counts on the uplink.
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type Answer, call } from './fixtures/api.ts';
import { filmLibrary, makeFilms, processesOf, startChannelsHome, watch } from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

type Stream = {
  readonly server: string;
  readonly counts: boolean;
  readonly place: string;
  readonly address: string | null;
  readonly demand_bps: number;
  readonly demand_from: string;
};
type Documented = { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/** Everybody may log in, and leave. */
const FOR_EVERYBODY = ['/api/login', '/api/logout'];

t.test('channels and the world outside', async (t) => {
  const films = await makeFilms(t, ['Alpha', 'Beta']);
  const { home, api, library, create, token } = await startChannelsHome(t, {
    jellyfin: { library: [filmLibrary(films)] },
    config: {
      logging: { level: 'debug' },
      http: { trusted_proxies: ['127.0.0.1/32'] },
      uplink: { upload: 4, download: 50 },
      channels: { refuse_when_full: true },
    },
  });
  const player = await token('player');
  const [{ id }] = await Promise.all([create({ name: 'Crime' }), api.call('POST', '/api/livetv/register')]);
  const url = `${player.root}/${id}.ts`;
  const from = (address: string) => watch(t, url, { 'x-forwarded-for': address });
  const streams = async () =>
    (await api.get<readonly Stream[]>('/api/bandwidth/streams')).filter(({ server }) => server === 'TV channels');
  const isMeasured = async () => (await streams()).some((one) => one.counts && one.demand_from !== 'default');
  const near = await watch(t, url);

  await t.test(
    'ruling 10: who watches from outside is a stream with its measured rate, torrents yield, one more is refused; who is at home counts not',
    async (t) => {
      const limit = (): number => home.torrents.simulator?.settings().up_limit ?? -1;
      await until('the one at home is told of', async () => (await streams()).length === 1, { show: () => near.bytes() });
      t.match(await streams(), [{ place: 'home', counts: false }]);
      const before = limit();
      const outside = await from('203.0.113.50');
      t.equal(outside.status, 200);
      // Until its rate is measured it counts as an ordinary stream, and fills the little that there is.
      await until('it counts', async () => (await streams()).some(({ counts }) => counts));
      const refused = await from('203.0.113.51');
      // On a busy machine that may have been measured before the next one came.
      if (refused.status === 200) t.ok(await isMeasured(), 'there is room for what is known to take little');
      else t.match(refused, { status: 429, text: /uplink has no room/ });
      t.equal((await from('192.168.1.30')).status, 200, 'at home there is room');
      await until('its rate is known', isMeasured, { mostMs: 20_000, show: () => outside.bytes() });
      const told = (await streams()).find(({ counts }) => counts);
      t.match(told, { place: 'remote', address: '203.0.113.50' });
      t.ok((told?.demand_bps ?? 0) > 0 && (told?.demand_bps ?? 0) < 3_000_000, `${told?.demand_bps} bit/s`);
      await until('the torrents yield', () => limit() < before, { show: limit });
      // On a busy machine it comes in gusts, each of them a higher rate for some seconds.
      const mayWatch = async (): Promise<boolean> => (await from('203.0.113.51')).status === 200;
      await until('a stream that takes so little leaves room', mayWatch, { mostMs: 20_000 });
      await outside.stop();
    },
  );

  await t.test('rows 136, 151: no key, token or password in logs, process lists, answers and addresses', async (t) => {
    const secrets: Readonly<Record<string, string>> = {
      'Jellyfin key': home.jellyfin.apiKey,
      'stream token': player.secret,
      'administrator password': home.adminPassword,
      'house password': home.mqttUser.password,
    };
    const wrong = player.secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    t.equal((await fetch(`${home.httpUrl}/live/${wrong}/${id}.ts`)).status, 404);
    t.equal((await call(`${home.httpUrl}/api/livetv/stream/9999?token=${player.secret}`, 'GET')).status, 404);
    const processes = await processesOf(home);
    t.ok(processes.some(({ name }) => name === 'ffmpeg') && processes.length >= 3, processes.map(({ name }) => name).join());
    const environments = await Promise.all(processes.map(({ pid }) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
    const reads = [
      '/api/channels',
      `/api/channels/${id}`,
      `/api/channels/${id}/health`,
      '/api/livetv/status',
      '/api/livetv/sessions',
    ];
    reads.push('/api/livetv/m3u/all', `/api/schedules/channel/${id}/now`, '/api/jellyfin/users', '/api/jellyfin/libraries');
    reads.push(
      `/api/jellyfin/items/${library.library_id}`,
      '/api/channels/jobs',
      '/api/channels/catalogue',
      '/readyz',
      '/metrics',
      '/openapi.json',
    );
    const asked = await Promise.all(reads.map((path) => api.call('GET', path)));
    t.same(
      asked.map(({ status }) => status),
      reads.map(() => 200),
    );
    const places: Readonly<Record<string, string>> = {
      log: JSON.stringify(home.controller.lines()) + home.controller.other(),
      'process list': processes.map(({ command }) => command).join('\n') + environments.join('\n'),
      answers: asked.map(({ text }) => text).join('\n'),
      'addresses of requests at Jellyfin': JSON.stringify(home.jellyfin.requests()),
    };
    t.ok(
      home.controller.lines().some(({ level }) => level === 'debug'),
      'the log is talkative',
    );
    for (const [place, text] of Object.entries(places)) {
      t.ok(text.length > 20, place);
      for (const [name, secret] of Object.entries(secrets)) t.notOk(text.includes(secret), `${name} is not in the ${place}`);
    }
    t.notOk(places['log']?.includes(wrong), 'nor one that was tried');
  });

  await t.test('row 173: every changing route answers 401 to strangers, 403 to a token that may read', async (t) => {
    const { token: readable } = (await api.call('POST', '/api/tokens', { name: 'reader', scope: 'read' })).body as {
      readonly token: string;
    };
    const { paths } = await api.get<Documented>('/openapi.json');
    const changing = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method) && !FOR_EVERYBODY.includes(path))
        .map((method) => [method.toUpperCase(), path.replaceAll(/\{[^}]+\}/g, '1')] as const),
    );
    t.ok(changing.filter(([, path]) => /channels|schedules|livetv/.test(path)).length >= 12, `${changing.length} routes`);
    const ask = ([method, path]: readonly [string, string], headers: Readonly<Record<string, string>>): Promise<Answer> =>
      call(`${home.httpUrl}${path}`, method, { body: {}, headers });
    for (const route of changing) {
      t.equal((await ask(route, {})).status, 401, route.join(' '));
      // A preview saves nothing: whoever may read may ask for one.
      if (route[1] !== '/api/channels/preview')
        t.equal((await ask(route, { authorization: `Bearer ${readable}` })).status, 403, `${route.join(' ')} by a reader`);
    }
    t.equal((await api.call('GET', `/api/channels/${id}`)).status, 200, 'all is still there');
  });

  await t.test('a revoked token: its streams end, its addresses are gone; others stay', async (t) => {
    const other = await token('other');
    const beside = await watch(t, `${other.root}/${id}.ts`);
    t.equal(beside.status, 200);
    t.equal((await api.call('DELETE', `/api/livetv/tokens/${player.id}`)).status, 204);
    await until('it ends', () => near.ended());
    for (const path of [`${id}.ts`, 'playlist.m3u', 'guide.xml'])
      t.equal((await fetch(`${player.root}/${path}`)).status, 404, path);
    const bytes = beside.bytes();
    await wait(1_500);
    t.ok(!beside.ended() && beside.bytes() > bytes);
  });
});

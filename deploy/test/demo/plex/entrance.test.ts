// Who gets in, what the answers look like, and what the preferences take.
import t from 'tap';
import { startPlexSimulator } from '../../../demo/plex/plex-simulator.ts';
import { ask, listed } from './ask-plex.ts';

const paths = ['/', '/status/sessions', '/accounts', '/:/prefs'];

t.test('only the identity is told without a token, everything else is 401 and a small page', async (t) => {
  await using sim = await startPlexSimulator();
  t.match((await ask(sim, '/identity', { token: null })).container, { claimed: true, version: /^1\.43/ });
  for (const path of [...paths, '/no/such/thing'])
    for (const token of [null, 'wrong'])
      t.match(await ask(sim, path, { token }), {
        status: 401,
        type: 'text/html',
        text: '<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>',
      });
  for (const path of paths) t.equal((await ask(sim, path)).status, 200, path);
  t.match(await ask(sim, '/no/such/thing'), { status: 404, type: 'text/html', text: /404 Not Found/ });
  t.equal((await ask(sim, '/status/sessions', { method: 'DELETE' })).status, 404);
});

t.test('a shared user sees the server but neither who plays nor the preferences, nor may set one', async (t) => {
  for (const guestStatus of [403, 401] as const) {
    await using sim = await startPlexSimulator({ guestStatus });
    const token = sim.guestToken;
    t.equal((await ask(sim, '/', { token })).status, 200);
    for (const path of paths.slice(1)) t.equal((await ask(sim, path, { token })).status, guestStatus, path);
    t.equal((await ask(sim, '/:/prefs?WanPerStreamMaxUploadRate=2000', { method: 'PUT', token })).status, guestStatus);
    t.equal(sim.preference('WanPerStreamMaxUploadRate'), 0);
  }
});

t.test('below a base path it is there alone', async (t) => {
  await using sim = await startPlexSimulator({ basePath: '/plex' });
  t.equal((await ask(sim, '/status/sessions')).status, 200);
  t.match(sim.requests(), [{ path: '/status/sessions' }]);
  const headers = { 'X-Plex-Token': sim.token };
  for (const path of ['/status/sessions', '/plexus/identity'])
    t.equal((await fetch(new URL(path, sim.url), { headers })).status, 404, path);
});

t.test('a token in an address works, is counted, and stands neither in the log nor in the query', async (t) => {
  await using sim = await startPlexSimulator();
  t.equal(sim.secretsInUrls(), 0);
  t.equal((await ask(sim, `/status/sessions?X-Plex-Token=${sim.token}`, { token: null })).status, 200);
  t.equal((await ask(sim, '/status/sessions')).status, 200);
  t.equal(sim.secretsInUrls(), 1);
  t.notMatch(JSON.stringify(sim.requests()), sim.token);
  t.match(sim.requests(), [
    { method: 'GET', path: '/status/sessions', query: {}, status: 200, at: Number },
    { headers: { 'x-plex-token': '(secret)', accept: 'application/json' } },
  ]);
});

t.test('JSON comes only where it is asked for, else the same as XML', async (t) => {
  await using sim = await startPlexSimulator({ listDelayMs: 0 });
  await sim.viewer({ user: 'anna' }).play({ title: 'Bonnie & "Clyde" <1967>', bitrateKbps: 8_220 });
  await sim.viewer({ user: 'ben' }).play({ type: 'track', bitrateKbps: 320, height: 0 });
  while ((await listed(sim)).length < 2);
  for (const accept of ['*/*', 'text/html', 'application/xml']) {
    const answer = await ask(sim, '/status/sessions', { accept });
    t.equal(answer.type, 'text/xml;charset=utf-8', accept);
    t.match(answer.text, /^<\?xml .*\n<MediaContainer size="2">\n<Video .*title="Bonnie &amp; &quot;Clyde&quot; &lt;1967&gt;"/);
    t.match(answer.text, /<Player [^>]*local="0" relayed="0" secure="1"/);
    t.match(answer.text, /<Track [^>]*grandparentTitle="An Artist"/);
  }
  const [film] = await listed(sim);
  t.match(film, { Media: [{ bitrate: 8_220, Part: [{}] }], Player: { local: false } });
});

t.test('servers of 2020 write each number and flag of an entry as a string', async (t) => {
  await using sim = await startPlexSimulator({ listDelayMs: 0, jsonValues: 'strings' });
  await sim.viewer({ user: 'anna' }).play({ bitrateKbps: 8_000 });
  while ((await listed(sim)).length < 1);
  t.match(await listed(sim), [
    { duration: '7200000', Media: [{ bitrate: '8000' }], Player: { local: '0' }, Session: { bandwidth: '14000' } },
  ]);
});

t.test('preferences are listed with their types, and a PUT takes known ones with fitting values or nothing at all', async (t) => {
  await using sim = await startPlexSimulator({ preferences: { WanTotalMaxUploadRate: 20_000 } });
  const settings = (await ask(sim, '/:/prefs')).container.Setting as readonly { readonly id: string }[];
  t.match(
    settings.find(({ id }) => id === 'WanPerStreamMaxUploadRate'),
    {
      type: 'int',
      default: 0,
      value: 0,
      hidden: Boolean,
      advanced: Boolean,
      group: String,
      label: String,
      enumValues: /\|2000:/,
    },
  );
  t.match(
    settings.find(({ id }) => id === 'WanTotalMaxUploadRate'),
    { value: 20_000 },
  );
  const put = async (query: string) => (await ask(sim, `/:/prefs?${query}`, { method: 'PUT' })).status;
  t.equal(await put('WanPerStreamMaxUploadRate=3100'), 200, 'any rate, not only those of the list');
  t.equal(await put('WanPerStreamMaxUploadRate=4000&NoSuchThing=1'), 400, 'unknown');
  t.equal(await put('wanPerStreamMaxUploadRate=4000'), 400, 'another spelling');
  t.equal(await put('WanPerStreamMaxUploadRate=fast'), 400, 'no number');
  t.equal(await put('WanPerStreamMaxUploadRate=2.5'), 400, 'no whole number');
  t.equal(await put(''), 400, 'nothing');
  t.equal(sim.preference('WanPerStreamMaxUploadRate'), 3_100);
  t.equal(await put('RelayEnabled=0&LanNetworksBandwidth=10.0.0.0%2F8'), 200);
  t.same([sim.preference('RelayEnabled'), sim.preference('LanNetworksBandwidth')], [false, '10.0.0.0/8']);
  t.match((await ask(sim, '/:/prefs/get?id=WanPerStreamMaxUploadRate')).container, { Setting: [{ value: 3_100 }] });
  t.equal((await ask(sim, '/:/prefs/get?id=NoSuchThing')).status, 404);
  sim.setPreference('WanPerStreamMaxUploadRate', 720);
  t.equal(sim.preference('WanPerStreamMaxUploadRate'), 720);
  t.throws(() => sim.setPreference('NoSuchThing', 1));
  t.equal(sim.preference('NoSuchThing'), undefined);
});

// Tuners, guides and tuning in, where the recording does not go: facts/jellyfin.md §6 and §10, facts/channels.md §2.4 and §4.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../demo/jellyfin/simulator-options.ts';
import { ask, logIn, until } from './authorized-fetch.ts';
import { openUpstream } from './live-upstream.ts';

const upstream = await openUpstream({
  '/small.ts': [640, 360],
  '/wide.ts': [1280, 720],
  '/just.ts': [1184, 666],
  '/plain': [640, 360],
});
t.teardown(() => upstream[Symbol.asyncDispose]());
const names = { '/small.ts': 'Small', '/wide.ts': 'Wide', '/just.ts': 'Just', '/plain': 'Plain' };
const playlist = (paths: readonly string[]) =>
  `#EXTM3U\n${paths.map((path) => `#EXTINF:-1,${names[path as keyof typeof names]}\n${upstream.url}${path}\n`).join('')}`;
upstream.playlist = playlist(Object.keys(names));
const tuner = { Type: 'm3u', Url: `${upstream.url}/tv.m3u` };

const start = (options: SimulatorOptions = {}) =>
  startJellyfinSimulator({
    users: [
      { name: 'anna', limitBps: 6_000_000 },
      { name: 'manager', policy: { EnableLiveTvManagement: true } },
    ],
    guideTaskMs: 50,
    probeWaitMs: 200,
    ...options,
  });

async function registered(options: SimulatorOptions = {}) {
  const sim = await start(options);
  t.teardown(() => sim[Symbol.asyncDispose]());
  await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', sim.apiKey, tuner);
  await sim.liveTv.guideSettled();
  return sim;
}

t.test('rights and fields of a tuner by version', async (t) => {
  const cases = [
    { version: '10.10.7', manager: 200, fields: ['AllowStreamSharing'], missing: ['ReadAtNativeFramerate'] },
    { version: '10.11.11', manager: 403, fields: ['AllowStreamSharing', 'ReadAtNativeFramerate'], missing: [] },
    { version: '12.0.0', manager: 403, fields: ['AllowStreamSharing', 'ReadAtNativeFramerate'], missing: [] },
    { version: '10.9.11', manager: 200, fields: ['IgnoreDts'], missing: ['AllowStreamSharing', 'FallbackMaxStreamingBitrate'] },
  ];
  for (const { version, manager, fields, missing } of cases) {
    await using sim = await start({ version });
    const given = { ...tuner, Nonsense: 1, AllowStreamSharing: true };
    t.equal((await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', await logIn(sim.url, 'manager'), given)).status, manager, version);
    t.equal((await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', await logIn(sim.url, 'anna'), given)).status, 403);
    const { status, json } = await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', sim.apiKey, given);
    const stored = Object.keys(json as object);
    t.equal(status, 200);
    t.ok(
      fields.every((name) => stored.includes(name)) && ![...missing, 'Nonsense'].some((name) => stored.includes(name)),
      version,
    );
    t.equal(upstream.asked.at(-1), `GET /tv.m3u Jellyfin-Server/${version}`);
  }
});

t.test('a known id replaces, an unknown one is a new tuner; deleting refreshes nothing', async (t) => {
  const sim = await registered();
  const [first] = sim.liveTv.configuration().TunerHosts;
  await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', sim.apiKey, { ...tuner, Id: first?.Id, FriendlyName: 'renamed' });
  t.match(sim.liveTv.configuration().TunerHosts, [{ Id: first?.Id, FriendlyName: 'renamed' }]);
  await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', sim.apiKey, { ...tuner, Id: 'f'.repeat(32) });
  t.equal(sim.liveTv.configuration().TunerHosts.length, 2);
  t.not(sim.liveTv.configuration().TunerHosts[1]?.Id, 'f'.repeat(32));
  await sim.liveTv.guideSettled();
  for (const { Id } of sim.liveTv.configuration().TunerHosts)
    t.equal((await ask(`${sim.url}/LiveTv/TunerHosts?id=${Id}`, 'DELETE', sim.apiKey)).status, 204);
  await sim.liveTv.guideSettled();
  t.equal(sim.liveTv.channels().length, 4, 'channels without a tuner stay until the next task');
  const tasks = (await ask(`${sim.url}/ScheduledTasks`, 'GET', sim.apiKey)).json as { Key: string; Id: string }[];
  const guide = tasks.find(({ Key }) => Key === 'RefreshGuide')?.Id;
  t.equal((await ask(`${sim.url}/ScheduledTasks/Running/${guide}`, 'POST', sim.apiKey)).status, 204);
  t.equal((await ask(`${sim.url}/ScheduledTasks/Running/${'0'.repeat(32)}`, 'POST', sim.apiKey)).status, 404);
  await sim.liveTv.guideSettled();
  t.equal(sim.liveTv.channels().length, 0);
});

t.test(
  'a guide is cached for an hour, an error page too; a saved provider clears it in 12, and mappings are made by hand',
  async (t) => {
    let atMs = Date.now();
    const sim = await registered({ now: () => atMs });
    const from = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(0, 10);
    const to = new Date(atMs + 8 * 3_600_000).toISOString().replace(/[-:T]/g, '').slice(0, 10);
    const guide = (title: string) =>
      `<tv><channel id="x"><display-name>Small</display-name></channel><channel id="y"><display-name>other</display-name></channel><programme channel="x" start="${from}0000 +0000" stop="${to}0000 +0000"><title>${title}</title></programme></tv>`;
    upstream.guide = guide('First');
    const post = (body: object) => ask(`${sim.url}/LiveTv/ListingProviders`, 'POST', sim.apiKey, body);
    const provider = (await post({ Type: 'xmltv', Path: `${upstream.url}/guide.xml` })).json as { Id: string };
    const small = () => sim.liveTv.channels().find(({ tuner: { name } }) => name === 'Small')?.id ?? '';
    const title = () => sim.liveTv.programmes(small()).map(({ name }) => name);
    const refresh = async () => {
      const tasks = (await ask(`${sim.url}/ScheduledTasks`, 'GET', sim.apiKey)).json as { Key: string; Id: string }[];
      await ask(`${sim.url}/ScheduledTasks/Running/${tasks.find(({ Key }) => Key === 'RefreshGuide')?.Id}`, 'POST', sim.apiKey);
      await sim.liveTv.guideSettled();
    };
    await sim.liveTv.guideSettled();
    t.same(title(), ['First']);
    upstream.guide = guide('Second');
    await refresh();
    t.same(title(), ['First'], 'stale within the hour');
    atMs += 3_700_000;
    await refresh();
    t.same(title(), ['Second']);
    upstream.guide = '<html><p>502';
    atMs += 3_700_000;
    await refresh();
    t.same(title(), ['Second'], 'what cannot be read changes nothing');
    upstream.guide = guide('Third');
    await refresh();
    t.same(title(), ['Second'], 'and stays for its hour');
    await post({ Type: 'xmltv', Path: `${upstream.url}/guide.xml`, Id: provider.Id });
    await sim.liveTv.guideSettled();
    t.same(title(), ['Third']);
    const channels = sim.liveTv.channels();
    const wide = channels.find(({ tuner: { name } }) => name === 'Wide')?.tuner.id;
    const pair = { ProviderId: provider.Id, TunerChannelId: wide, ProviderChannelId: 'x' };
    t.match((await ask(`${sim.url}/LiveTv/ChannelMappings`, 'POST', sim.apiKey, pair)).json, { ProviderChannelId: 'x' });
    const options = await ask(`${sim.url}/LiveTv/ChannelMappingOptions?providerId=${provider.Id}`, 'GET', sim.apiKey);
    t.match(options.json, { ProviderName: 'XmlTV', Mappings: [{ Name: wide, Value: 'x' }] });
    await ask(`${sim.url}/LiveTv/ChannelMappings`, 'POST', sim.apiKey, pair);
    t.same(sim.liveTv.configuration().ListingProviders[0]?.ChannelMappings, [], 'the same pair again takes it away');
    t.equal((await post({ Type: 'nope', Path: 'x' })).status, 404);
    t.equal((await post({ Type: 'xmltv', Path: 'http://127.0.0.1:1/dead.xml' })).status, 200, 'a guide is not looked at');
  },
);

t.test('a key sees channels without a user; a guide is unpacked by its name; those who may not watch see nothing', async (t) => {
  const sim = await registered({ users: [{ name: 'anna' }, { name: 'child', policy: { EnableLiveTvAccess: false } }] });
  const channels = (await ask(`${sim.url}/LiveTv/Channels`, 'GET', sim.apiKey)).json as { Items: Record<string, unknown>[] };
  t.equal(channels.Items.length, 4);
  t.notOk(channels.Items.some((channel) => 'UserData' in channel));
  t.equal((await ask(`${sim.url}/LiveTv/Channels`, 'GET', await logIn(sim.url, 'child'))).status, 403);
  const now = Date.now();
  const written = (ms: number) => new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  upstream.guide = `<tv><channel id="x"><display-name>Small</display-name></channel><programme channel="x" start="${written(now - 60_000)} +0000" stop="${written(now + 60_000)} +0000"><title>Packed</title></programme></tv>`;
  await ask(`${sim.url}/LiveTv/ListingProviders`, 'POST', sim.apiKey, { Type: 'xmltv', Path: `${upstream.url}/guide.xml.gz` });
  await sim.liveTv.guideSettled();
  const airing = (await ask(`${sim.url}/LiveTv/Programs?isAiring=true`, 'GET', sim.apiKey)).json;
  const small = channels.Items.find(({ Name }) => Name === 'Small')?.['Id'];
  t.match(airing, { Items: [{ Name: 'Packed', ChannelId: small }], TotalRecordCount: 1 });
});

t.test(
  'viewers share one connection; the first waits for the probe, the second does not; it ends at the last close',
  async (t) => {
    const sim = await registered();
    const first = await sim.tuneIn({ user: 'anna', channelName: 'Small' });
    t.ok(first.firstByteMs >= 200, 'the fixed wait and the probe');
    const second = await sim.tuneIn({ user: 'manager', channelName: 'Small' });
    t.ok(second.firstByteMs < first.firstByteMs);
    t.equal(upstream.flowing('/small.ts'), 1);
    t.notOk(upstream.asked.some((line) => line.startsWith('HEAD')));
    t.match(sim.liveTv.openStreams(), [{ consumers: 2, url: `${upstream.url}/small.ts` }]);
    const playing = sim.sessions().filter(({ NowPlayingItem }) => NowPlayingItem);
    t.equal(playing.length, 2);
    t.match(playing[0], {
      NowPlayingItem: { Type: 'TvChannel', Name: 'Small' },
      PlayState: { LiveStreamId: first.liveStreamId },
    });
    await first.stop();
    const before = second.bytes();
    await until('the other goes on', () => second.bytes() > before);
    await second.stop();
    await until('closed at once', () => upstream.flowing('/small.ts') === 0);
    t.same(sim.liveTv.openStreams(), []);
    t.equal((await fetch(String(second.mediaSource['Path']))).status, 404);
  },
);

t.test('pre-warming by a key needs a user; closing once never cuts off a viewer', async (t) => {
  const sim = await registered();
  const channel = sim.liveTv.channels().find(({ tuner: { name } }) => name === 'Just')?.id;
  const path = `${sim.url}/Items/${channel}/PlaybackInfo`;
  t.equal((await ask(path, 'POST', sim.apiKey, { AutoOpenLiveStream: true })).status, 400);
  const userId = sim.users.byName('anna')?.id;
  const unopened = (await ask(`${path}?userId=${userId}`, 'POST', sim.apiKey, {})).json as {
    MediaSources: { OpenToken: string }[];
  };
  t.match(unopened.MediaSources[0], { RequiresOpening: true, OpenToken: String, LiveStreamId: undefined });
  t.equal(upstream.flowing('/just.ts'), 0);
  const viewer = await sim.tuneIn({ user: 'anna', channelName: 'Just' });
  const token = unopened.MediaSources[0]?.OpenToken ?? '';
  const opened = await ask(`${sim.url}/LiveStreams/Open?openToken=${token}&userId=${userId}`, 'POST', sim.apiKey, {});
  const id = (opened.json as { MediaSource: { LiveStreamId: string } }).MediaSource.LiveStreamId;
  t.equal(id, viewer.liveStreamId);
  await ask(`${sim.url}/LiveStreams/Close?liveStreamId=${id}`, 'POST', sim.apiKey);
  const before = viewer.bytes();
  await until('the viewer goes on', () => viewer.bytes() > before);
  await viewer.stop();
  t.equal(
    (await ask(`${sim.url}/LiveStreams/Close?liveStreamId=${id}`, 'POST', sim.apiKey)).status,
    204,
    'a closed one once more',
  );
});

t.test('the rate of a channel is guessed by its width, and a remote limit is held against the guess', async (t) => {
  const sim = await registered();
  await using wide = await sim.tuneIn({ user: 'anna', channelName: 'Wide', remote: true });
  t.same([wide.method, wide.reasons], ['Transcode', ['ContainerBitrateExceedsLimit']]);
  await using just = await sim.tuneIn({ user: 'anna', channelName: 'Just', remote: true });
  t.equal(just.method, 'DirectPlay');
  await using home = await sim.tuneIn({ user: 'anna', channelName: 'Wide' });
  t.equal(home.method, 'DirectPlay');
  t.equal((home.mediaSource['MediaStreams'] as { BitRate: number }[])[0]?.BitRate, 8_000_000);
});

t.test('what goes wrong upstream', async (t) => {
  const sim = await registered({ readerPatienceMs: 300 });
  upstream.behave('/small.ts', 'empty');
  await t.rejects(sim.tuneIn({ user: 'anna', channelName: 'Small' }), /500/, 'zero bytes are an error');
  upstream.behave('/small.ts', 'short');
  const short = await sim.tuneIn({ user: 'anna', channelName: 'Small' });
  await until('starved', () => short.ended());
  const again = await sim.tuneIn({ user: 'anna', channelName: 'Small' });
  t.equal(upstream.flowing('/small.ts'), 1, 'what has ended is not shared: a new connection');
  await Promise.all([short.stop(), again.stop()]);
  upstream.behave('/wide.ts', 'broken');
  const broken = await sim.tuneIn({ user: 'anna', channelName: 'Wide' });
  t.match(
    broken.mediaSource['MediaStreams'],
    [{ Type: 'Video', Codec: undefined }, { Type: 'Audio' }],
    'an error page is played, too',
  );
  await broken.stop();
  upstream.behave('/wide.ts', 'silent');
  const stuck = sim.tuneIn({ user: 'anna', channelName: 'Wide' }).catch(() => null);
  await until('asked', () => upstream.asked.filter((line) => line.startsWith('GET /wide.ts')).length > 1);
  let reached = false;
  const behind = sim.tuneIn({ user: 'manager', channelName: 'Just' }).then(
    () => {
      reached = true;
    },
    () => undefined,
  );
  await wait(600);
  t.notOk(reached, 'one lock for all: a slow channel keeps everybody from every other');
  await sim[Symbol.asyncDispose]();
  await Promise.all([stuck, behind]);
});

t.test(
  'a URL without extension is asked by HEAD; a tuner with a limit does not play directly, and refuses the next',
  async (t) => {
    const sim = await start();
    t.teardown(() => sim[Symbol.asyncDispose]());
    await ask(`${sim.url}/LiveTv/TunerHosts`, 'POST', sim.apiKey, { ...tuner, TunerCount: 1 });
    await sim.liveTv.guideSettled();
    upstream.asked.length = 0;
    await using one = await sim.tuneIn({ user: 'anna', channelName: 'Plain' });
    t.same(
      upstream.asked.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['HEAD /plain', 'GET /plain'],
    );
    t.same([one.method, one.reasons], ['Transcode', ['DirectPlayError']]);
    await t.rejects(sim.tuneIn({ user: 'anna', channelName: 'Small' }), /500/);
  },
);

t.test('with a state file, a process that was killed comes back with its tuners, channels and probes', async (t) => {
  const stateFile = join(mkdtempSync(join(tmpdir(), 'live-state-')), 'state.json');
  t.teardown(() => rmSync(dirname(stateFile), { recursive: true }));
  const sim = await registered({ stateFile });
  await (await sim.tuneIn({ user: 'anna', channelName: 'Small' })).stop();
  await sim[Symbol.asyncDispose]();
  const again = await start({ stateFile, probeWaitMs: 60_000 });
  t.teardown(() => again[Symbol.asyncDispose]());
  t.same(again.liveTv.channels(), sim.liveTv.channels());
  await using viewer = await again.tuneIn({ user: 'anna', channelName: 'Small' });
  t.ok(viewer.firstByteMs < 60_000, 'no second probe');
});

t.test('channels and the probe cache outlive a restart, openings do not', async (t) => {
  const sim = await registered({ restartMs: 100 });
  const viewer = await sim.tuneIn({ user: 'anna', channelName: 'Small' });
  await sim.powerOff();
  await until('upstream closed', () => upstream.flowing('/small.ts') === 0);
  await until('cut off', () => viewer.ended());
  await sim.powerOn();
  t.equal(sim.liveTv.channels().length, 4);
  const again = await sim.tuneIn({ user: 'anna', channelName: 'Small' });
  t.ok(again.firstByteMs < 200 || again.firstByteMs < viewer.firstByteMs, 'no second probe');
  sim.liveTv.forgetProbes();
  await again.stop();
});

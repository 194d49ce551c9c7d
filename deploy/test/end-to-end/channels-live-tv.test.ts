// The channels in Live TV of a Jellyfin: registered by one call, repaired, warmed when nobody looks, watched near and far, taken away again.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import type { SimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from './fixtures/api.ts';
import { type ChannelAnswer, ffmpegsOf, filmLibrary, makeFilms, startChannelsHome } from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

type Status = {
  readonly servers: readonly {
    readonly registered: boolean;
    readonly channels: readonly { readonly seen: boolean; readonly pre_warmed: string | null }[];
  }[];
};

const urlOf = (one: Readonly<Record<string, unknown>>): string => String(one['Url'] ?? one['Path']);
const standing = ({ jellyfin, httpUrl }: SimulatedHome) => {
  const { TunerHosts, ListingProviders } = jellyfin.liveTv.configuration();
  const port = new URL(httpUrl).port;
  const ours = (list: readonly Readonly<Record<string, unknown>>[]) =>
    list.map(urlOf).filter((url) => url.includes(`:${port}/live/`));
  return {
    tuners: ours(TunerHosts),
    guides: ours(ListingProviders),
    allTuners: TunerHosts.length,
    allGuides: ListingProviders.length,
  };
};
/** What Headgate does at Live TV of the server, oldest first. */
const done = ({ jellyfin }: SimulatedHome, path: RegExp): number =>
  jellyfin.requests().filter((one) => one.by === 'key' && one.method === 'POST' && path.test(one.path)).length;
const OPENING = /PlaybackInfo$|LiveStreams\/Open$/i;
const CLOSING = /LiveStreams\/Close$/i;

/** Somebody else's tuner, that must stay as it is. */
async function addForeignTuner(t: Test, { jellyfin }: SimulatedHome): Promise<string> {
  const server = createServer((_request, response) => response.end('#EXTM3U\n')).listen(0, '127.0.0.1');
  t.teardown(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/other.m3u`;
  const answer = await fetch(`${jellyfin.url}/LiveTv/TunerHosts`, {
    method: 'POST',
    headers: { authorization: `MediaBrowser Token="${jellyfin.apiKey}"`, 'content-type': 'application/json' },
    body: JSON.stringify({ Type: 'm3u', Url: url }),
  });
  if (!answer.ok) throw new Error(`foreign tuner: ${answer.status}`);
  await answer.text();
  return url;
}

t.test('Live TV of a Jellyfin', async (t) => {
  const films = await makeFilms(t, ['Alpha']);
  const start = (version: string) =>
    startChannelsHome(t, {
      jellyfin: {
        version,
        users: [{ name: 'anna', limitBps: 6_000_000 }, { name: 'ben' }],
        library: [filmLibrary(films)],
        probeWaitMs: 2_200,
      },
    });
  // Nobody watches in the older home, so that its channel is warmed meanwhile.
  const [{ home, api, create }, older] = await Promise.all([start('12.0.0'), start('10.10.7')]);
  const foreign = await addForeignTuner(t, home);
  await Promise.all([create({ name: 'Crime' }), older.create({ name: 'Crime' })]);

  for (const each of [older, { home, api }])
    await t.test(
      `rows 149, 150: registered twice at once and once more, there is one tuner and one guide of ours (${each === older ? '10.10.7' : '12.0.0'})`,
      async (t) => {
        const answers = await Promise.all([1, 2].map(() => each.api.call('POST', '/api/livetv/register')));
        answers.push(await each.api.call('POST', '/api/livetv/register'));
        for (const { status, body } of answers)
          t.match({ status, body }, { status: 200, body: { servers: [{ registered: true }] } });
        t.equal(standing(each.home).tuners.length, 1);
        // While a guide is renewed for the channel that was made just now, the old one stands beside it for a moment.
        await until('one guide', () => standing(each.home).guides.length === 1);
        await until('its channel is seen', () => each.home.jellyfin.liveTv.channels().length === 1);
        await each.home.jellyfin.liveTv.guideSettled();
        const [channel] = each.home.jellyfin.liveTv.channels();
        t.ok(each.home.jellyfin.liveTv.programmes(channel?.id ?? '').length > 100, 'with its guide');
        const [view] = await each.api.get<readonly ChannelAnswer[]>('/api/channels');
        t.match(view, { tuner_host_id: /^[0-9a-f]{32}$/, listing_provider_id: /^[0-9a-f]{32}$/ }, 'row 95');
      },
    );

  const warmedOlder = watchWarming(older.home);
  const registeredAt = performance.now();

  await t.test('a viewer at home tunes in, a remote one with 6 Mbit/s sooner and untranscoded', async (t) => {
    const near = await home.jellyfin.tuneIn({ user: 'ben', channelName: 'Crime' });
    t.equal(near.method, 'DirectPlay', near.reasons.join());
    const far = await home.jellyfin.tuneIn({ user: 'anna', channelName: 'Crime', remote: true });
    t.equal(far.method, 'DirectPlay', far.reasons.join());
    t.ok(far.firstByteMs < near.firstByteMs, `${far.firstByteMs} ms after ${near.firstByteMs} ms`);
    t.equal(home.jellyfin.liveTv.openStreams().length, 1, 'one stream for both');
    await until('a picture for both', () => near.bytes() > 300_000 && far.bytes() > 300_000);
    await near.stop();
    // The first look at what is to be warmed comes 10 to 15 s after registering.
    await wait(Math.max(0, registeredAt + 16_500 - performance.now()));
    t.notOk(far.ended());
    t.equal(done(home, OPENING), 0, 'ruling 6: nothing is warmed while somebody watches');
    await far.stop();
    t.equal(home.jellyfin.liveTv.openStreams().length, 0);
  });

  await t.test(
    'warmed with nobody there: opened once, closed once, no ffmpeg; who comes then meets no probe (10.10.7)',
    async (t) => {
      const { ffmpegs, openings, closings } = await warmedOlder;
      t.same({ ffmpegs, openings, closings }, { ffmpegs: 0, openings: 1, closings: 1 });
      const { servers } = await older.api.get<Status>('/api/livetv/status');
      t.match(servers, [{ registered: true, channels: [{ seen: true, pre_warmed: /^\d{4}-/ }] }]);
      const viewer = await older.home.jellyfin.tuneIn({ user: 'anna', channelName: 'Crime', remote: true });
      t.equal(viewer.method, 'DirectPlay', viewer.reasons.join());
      t.ok(viewer.firstByteMs < 2_200, `${viewer.firstByteMs} ms, a probe alone takes 2.2 s`);
      await viewer.stop();
    },
  );

  await t.test('another address in the configuration: the same tuner and guide are given it at the next start', async (t) => {
    const before = home.jellyfin.liveTv.configuration().TunerHosts.map(({ Id }) => Id);
    await home.controller.stop();
    const config = parse(await readFile(home.configFile, 'utf8')) as { channels?: object };
    const base = home.httpUrl.replace('127.0.0.1', 'localhost');
    await writeFile(home.configFile, stringify({ ...config, channels: { ...config.channels, base_url: base } }));
    await home.controller.start();
    await until(
      'the new address',
      () => {
        const { tuners, guides } = standing(home);
        return [...tuners, ...guides].length === 2 && [...tuners, ...guides].every((url) => url.startsWith(base));
      },
      { show: () => standing(home) },
    );
    t.same(
      home.jellyfin.liveTv.configuration().TunerHosts.map(({ Id }) => Id),
      before,
      'repaired, not doubled',
    );
    t.ok(home.jellyfin.liveTv.configuration().TunerHosts.map(urlOf).includes(foreign), 'the other one is as it was');
  });

  await t.test('unregistered: what is ours goes, the other tuner stays', async (t) => {
    const again = await logIn(home);
    for (let i = 0; i < 2; i += 1) t.equal((await again.call('DELETE', '/api/livetv/register')).status, 200);
    t.match(standing(home), { tuners: [], guides: [], allTuners: 1, allGuides: 0 });
    t.same(home.jellyfin.liveTv.configuration().TunerHosts.map(urlOf), [foreign]);
    const [view] = await again.get<readonly ChannelAnswer[]>('/api/channels');
    t.match(view, { tuner_host_id: null, listing_provider_id: null }, 'row 95');
  });
});

/** Until the channel was opened and closed; the most ffmpegs that ran meanwhile. */
async function watchWarming(home: SimulatedHome) {
  let ffmpegs = 0;
  await until(
    'it is warmed',
    async () => {
      if (home.jellyfin.liveTv.openStreams().length > 0) ffmpegs = Math.max(ffmpegs, (await ffmpegsOf(home)).length);
      return done(home, CLOSING) > 0;
    },
    { mostMs: 40_000, show: () => home.jellyfin.requests().slice(-5) },
  );
  return { ffmpegs, openings: done(home, OPENING), closings: done(home, CLOSING) };
}

// Live TV of a simulated Jellyfin, worked with as an administrator does; and what is sent to it, word for word.
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { JellyfinServer } from '../../src/jellyfin/open-jellyfin.ts';
import { type Asked, startRelay } from './asked.ts';
import { openTest } from './neighbours.ts';
import { unknownTo } from './openapi.ts';
import { startTv } from './start-tv.ts';

const NEVER = new AbortController().signal;

type Home = { sim: JellyfinSimulator; server: JellyfinServer; asked: Asked[]; tv: string };

const withHome = async (version: string, work: (home: Home) => Promise<void>): Promise<void> => {
  await using tv = await startTv();
  await using sim = await startJellyfinSimulator({ version, guideTaskMs: 20, probeWaitMs: 20, probe: 'assume' });
  await using relay = await startRelay(sim.url);
  await using server = openTest({ url: relay.url, apiKey: sim.apiKey });
  await work({ sim, server, asked: relay.asked, tv: tv.url });
};

const order = (tv: string, id: string | null = null) => ({ id, url: `${tv}/live/T/playlist.m3u`, name: 'Headgate' });

for (const version of ['10.10.7', '10.11.11', '12.0.0'])
  t.test(`rows 149, 150: ${version}: tuner and guide are saved, changed by their ids, removed; no field is null`, async (t) => {
    await withHome(version, async ({ sim, server, asked, tv }) => {
      const { liveTv } = server;
      t.same(await liveTv.registered(NEVER), { tuners: [], providers: [] });
      const tuner = await liveTv.saveTuner(order(tv), NEVER);
      const body = asked.at(-1)?.body;
      t.match(body, { Id: '', Source: '', Type: 'm3u', TunerCount: 0, EnableStreamLooping: false });
      const guide = { id: null, url: `${tv}/live/T/guide.xml`, tuners: [tuner] };
      const provider = await liveTv.saveProvider(guide, NEVER);
      t.match(asked.at(-1)?.query, { validateListings: 'false', validateLogin: 'false' });
      t.match(asked.at(-1)?.body, {
        EnableAllTuners: false,
        EnabledTuners: [tuner],
        NewsCategories: ['news'],
        KidsCategories: ['kids'],
      });
      t.equal(await liveTv.saveTuner(order(tv, tuner), NEVER), tuner, 'the same one');
      t.equal(await liveTv.saveProvider({ ...guide, id: provider }, NEVER), provider);
      t.match(await liveTv.registered(NEVER), {
        tuners: [{ id: tuner, type: 'm3u', url: `${tv}/live/T/playlist.m3u`, tunerCount: 0 }],
        providers: [{ id: provider, type: 'xmltv', path: guide.url, allTuners: false, tuners: [tuner] }],
      });
      for (const { body } of asked) t.notOk(Object.values(body ?? {}).includes(null));
      await sim.liveTv.guideSettled();
      await liveTv.removeProvider(provider, NEVER);
      await liveTv.removeTuner(tuner, NEVER);
      t.same(await liveTv.registered(NEVER), { tuners: [], providers: [] });
      t.same([...new Set(asked.flatMap(unknownTo))], []);
    });
  });

t.test('a playlist that cannot be fetched is a failure, not a tuner', async (t) => {
  await withHome('12.0.0', async ({ server }) => {
    await t.rejects(server.liveTv.saveTuner(order('http://127.0.0.1:1'), NEVER), {
      code: 'upstream_failed',
      message: /with 500/,
    });
    t.same((await server.liveTv.registered(NEVER)).tuners, []);
  });
});

t.test('the guide is refreshed by the key of its task; channels come with their numbers', async (t) => {
  await withHome('12.0.0', async ({ sim, server, asked, tv }) => {
    const { liveTv } = server;
    await liveTv.saveTuner(order(tv), NEVER);
    await sim.liveTv.guideSettled();
    const before = (await liveTv.guideTask(NEVER)).lastEndMs ?? 0;
    await liveTv.refreshGuide(NEVER);
    await sim.liveTv.guideSettled();
    const task = await liveTv.guideTask(NEVER);
    t.match(task, { state: 'idle', lastStatus: 'Completed' });
    t.ok((task.lastEndMs ?? 0) > before, 'it ran once more');
    const channels = await liveTv.channels(NEVER);
    t.match(channels, [
      { name: 'Films', number: '101' },
      { name: 'Shows', number: '102' },
    ]);
    t.equal(await liveTv.viewers(NEVER), 0);
    t.same([...new Set(asked.flatMap(unknownTo))], []);
  });
});

t.test('a channel is opened as a player does, and closed; a key alone would be refused', async (t) => {
  await withHome('12.0.0', async ({ sim, server, asked, tv }) => {
    const { liveTv, library } = server;
    await liveTv.saveTuner(order(tv), NEVER);
    await sim.liveTv.guideSettled();
    const [films] = await liveTv.channels(NEVER);
    const { id: me } = await library.currentUser(NEVER);
    const stream = await liveTv.open(films?.id ?? '', me, NEVER);
    const { query, body } = asked.at(-1) ?? {};
    t.match(query, { userId: me, autoOpenLiveStream: 'true' });
    t.match(body, { AutoOpenLiveStream: true, UserId: me, DeviceProfile: { DirectPlayProfiles: [{ VideoCodec: 'h264' }] } });
    t.equal(await liveTv.viewers(NEVER), 0, 'an opening by us is nobody who watches');
    await liveTv.close(stream, NEVER);
    t.same(asked.at(-1)?.query, { liveStreamId: stream });
    await t.rejects(liveTv.open('0'.repeat(31).concat('1'), me, NEVER), { code: 'not_found' });
    t.same([...new Set(asked.flatMap(unknownTo))], []);
  });
});

t.test("a channel's picture is taken away by a call that all three documents know", async (t) => {
  await withHome('10.11.11', async ({ server, asked }) => {
    await server.liveTv.removeImage('1'.repeat(32), NEVER).catch(() => {});
    t.match(asked.at(-1), { method: 'DELETE', path: `/Items/${'1'.repeat(32)}/Images/Primary` });
    t.same(asked.flatMap(unknownTo), []);
  });
});

// Registering at a simulated Jellyfin that is as strict as the real one: idempotent, repaired, removed, kept by itself, warmed.
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../../deploy/demo/jellyfin/simulator-options.ts';
import type { RegistrationServer } from '../../../src/channels/registration/carry-out.ts';
import { registrationRoutes } from '../../../src/channels/registration/registration-routes.ts';
import {
  createLiveTvRegistration,
  type LiveTvRegistration,
  type RegistrationDeps,
} from '../../../src/channels/registration/registration-service.ts';
import {
  openRegistrationStore,
  type RegistrationStore,
  type RegistrationTables,
} from '../../../src/channels/registration/registration-store.ts';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { livetvRegistrationMigration } from '../../../src/database/migrations/008-livetv-registration.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import type { RequestFacts } from '../../../src/http/route.ts';
import type { JellyfinServer } from '../../../src/jellyfin/open-jellyfin.ts';
import { type Log, silentLog } from '../../../src/log.ts';
import { fastClock, openTest, until } from '../../jellyfin/neighbours.ts';
import { startTv, type Tv } from '../../jellyfin/start-tv.ts';

const NEVER = new AbortController().signal;
const TOKEN = 'T'.repeat(44);

const asServer = ({ name, liveTv, library }: JellyfinServer): RegistrationServer => ({
  ...liveTv,
  name,
  open: async (channel, signal) => await liveTv.open(channel, (await library.currentUser(signal)).id, signal),
});

type Home = {
  readonly tv: Tv;
  readonly sim: JellyfinSimulator;
  readonly server: JellyfinServer;
  readonly store: RegistrationStore;
  readonly lines: string[];
  readonly marks: string[];
  make(changes?: Partial<RegistrationDeps>): LiveTvRegistration;
};

async function openHome(t: Test, options: SimulatorOptions = {}, clock: Clock = systemClock): Promise<Home> {
  const stack = new AsyncDisposableStack();
  t.teardown(() => stack.disposeAsync());
  const tv = stack.use(await startTv());
  const sim = stack.use(await startJellyfinSimulator({ guideTaskMs: 20, ...options }));
  const server = stack.use(openTest({ url: sim.url, apiKey: sim.apiKey }));
  const database = stack.use(
    await openDatabase({ path: t.testdir(), clock: systemClock, log: silentLog, migrations: [livetvRegistrationMigration] }),
  );
  const store = await openRegistrationStore(database.tables<RegistrationTables>());
  const lines: string[] = [];
  const marks: string[] = [];
  const log: Log = { ...silentLog, info: (_, text) => lines.push(text), warn: (_, text) => lines.push(text) };
  const make = (changes: Partial<RegistrationDeps> = {}) =>
    createLiveTvRegistration({
      servers: [asServer(server)],
      addresses: async () => ({
        playlistUrl: `${tv.url}/live/${TOKEN}/playlist.m3u`,
        guideUrl: `${tv.url}/live/${TOKEN}/guide.xml`,
      }),
      isOurs: (url) => URL.canParse(url) && new URL(url).pathname.startsWith(`/live/${TOKEN}/`),
      store,
      byItself: false,
      warming: {
        channels: () => [
          { id: '1', number: '101', name: 'Films', picture: 'p' },
          { id: '2', number: '102', name: 'Shows', picture: 'p' },
        ],
        isTuned: () => false,
        begin: (_, channel) => marks.push(`begin ${channel}`),
        end: (_, channel) => marks.push(`end ${channel}`),
      },
      clock,
      log,
      ...changes,
    });
  return { tv, sim, server, store, lines, marks, make };
}

/** What stands at the simulator. */
const standing = (sim: JellyfinSimulator) => {
  const { TunerHosts: tuners = [], ListingProviders: providers = [] } = JSON.parse(
    JSON.stringify(sim.liveTv.configuration()),
  ) as { TunerHosts?: { Id: string; Url: string }[]; ListingProviders?: { Id: string; Path: string; EnabledTuners: string[] }[] };
  return { tuners, providers };
};

for (const version of ['10.10.7', '10.11.11', '12.0.0'])
  t.test(`rows 95, 149, 150: ${version}: registered once however often asked, ids kept, and taken away again`, async (t) => {
    const { sim, store, make } = await openHome(t, { version });
    const registration = make();
    await registration.register(null, NEVER);
    const { tuners, providers } = standing(sim);
    t.equal(tuners.length, 1);
    t.equal(providers.length, 1);
    t.same(providers[0]?.EnabledTuners, [tuners[0]?.Id]);
    t.match(store.get('main'), { wanted: true, tunerHostId: tuners[0]?.Id, listingProviderId: providers[0]?.Id });
    await Promise.all([registration.register('main', NEVER), registration.register(null, NEVER)]);
    t.same(standing(sim), { tuners, providers }, 'nothing was posted twice');
    await registration.unregister(null, NEVER);
    t.same(standing(sim), { tuners: [], providers: [] });
    t.match(store.get('main'), { wanted: false, tunerHostId: null, listingProviderId: null });
    await t.rejects(registration.register('other', NEVER), { code: 'not_found' });
  });

t.test('the address changed: the tuner is repaired in place, the guide anew, those of others stay', async (t) => {
  const { tv, sim, server, make } = await openHome(t);
  const foreign = await server.liveTv.saveTuner({ id: null, url: `${tv.url}/other/list.m3u`, name: 'IPTV' }, NEVER);
  await make().register(null, NEVER);
  const before = standing(sim);
  const moved = await startTv();
  t.teardown(() => moved[Symbol.asyncDispose]());
  const addresses = async () => ({
    playlistUrl: `${moved.url}/live/${TOKEN}/playlist.m3u`,
    guideUrl: `${moved.url}/live/${TOKEN}/guide.xml`,
  });
  await make({ addresses }).register(null, NEVER);
  const after = standing(sim);
  t.same(
    after.tuners.map(({ Id: id }) => id),
    before.tuners.map(({ Id: id }) => id),
  );
  t.equal(after.tuners.find(({ Id: id }) => id === foreign)?.Url, `${tv.url}/other/list.m3u`);
  t.ok(after.tuners.some(({ Url: url }) => url.startsWith(moved.url)));
  t.equal(after.providers.length, 1);
  t.not(after.providers[0]?.Id, before.providers[0]?.Id);
  await make({ addresses }).unregister(null, NEVER);
  t.same(
    standing(sim).tuners.map(({ Id: id }) => id),
    [foreign],
  );
});

t.test('a server that cannot fetch our playlist is told with a hint and without the token', async (t) => {
  const { make, lines } = await openHome(t);
  const addresses = async () => ({
    playlistUrl: `http://127.0.0.1:1/live/${TOKEN}/playlist.m3u`,
    guideUrl: `http://127.0.0.1:1/live/${TOKEN}/guide.xml`,
  });
  const registration = make({ addresses, isOurs: () => false });
  const error = await registration.register(null, NEVER).then(
    () => null,
    (one: unknown) => one as Error,
  );
  t.match(error?.message, /500; it fetches our playlist first: can it reach http:\/\/127\.0\.0\.1:1 \(/);
  t.notMatch(error?.message, TOKEN);
  await t.rejects(registration.register(null, NEVER));
  t.same(lines, ['Live TV is not registered as it should be'], 'one line, not one each time');
});

t.test(
  'kept right by itself: made, repaired after a hand deleted it, tried again until a server is back, and warmed',
  async (t) => {
    const { sim, store, marks, lines, make } = await openHome(
      t,
      { probe: 'assume', probeWaitMs: 20 } as SimulatorOptions,
      fastClock(200),
    );
    sim.inject({ path: /^\/System\/Configuration\/livetv$/, answer: 503, times: 2 });
    const registration = make({ byItself: true });
    const stop = new AbortController();
    const runs = registration.run(stop.signal);
    try {
      await until('registered', () => standing(sim).providers.length === 1);
      await until('both channels warmed', () => store.warmth('main', '1') !== null && store.warmth('main', '2') !== null, 20_000);
      t.same(marks, ['begin 1', 'end 1', 'begin 2', 'end 2'], 'one at a time');
      const [tuner] = standing(sim).tuners;
      await fetch(`${sim.url}/LiveTv/TunerHosts?id=${tuner?.Id}`, {
        method: 'DELETE',
        headers: { authorization: `MediaBrowser Token="${sim.apiKey}"` },
      });
      t.same(standing(sim).tuners, []);
      await until('repaired', () => standing(sim).tuners.length === 1, 20_000);
      t.equal(lines.filter((line) => /not registered/.test(line)).length, 1);
      t.equal(lines.filter((line) => /registered as it should be again/.test(line)).length, 1);
    } finally {
      stop.abort();
      await runs;
    }
  },
);

t.test('a changed schedule is asked to be fetched once: within the hour by a guide with a new id', async (t) => {
  const { sim, tv, make } = await openHome(t, {}, fastClock(500));
  const warming = { channels: () => [], isTuned: () => false, begin: () => {}, end: () => {} };
  const registration = make({ byItself: true, warming });
  const stop = new AbortController();
  const runs = registration.run(stop.signal);
  try {
    await until('registered', () => standing(sim).providers.length === 1);
    await sim.liveTv.guideSettled();
    const [before] = standing(sim).providers;
    const guides = () => tv.fetched.filter((path) => path.endsWith('guide.xml')).length;
    const fetchedBefore = guides();
    for (let change = 0; change < 20; change += 1) registration.scheduleChanged();
    await until('a new guide', () => {
      const { providers } = standing(sim);
      return providers.length === 1 && providers[0]?.Id !== before?.Id;
    });
    await sim.liveTv.guideSettled();
    t.ok(guides() > fetchedBefore, 'it was fetched');
  } finally {
    stop.abort();
    await runs;
  }
});

t.test(
  'the state by HTTP: channels as the server has them, addresses without their token; changing needs the right to write',
  async (t) => {
    const { sim, make } = await openHome(t);
    const routes = registrationRoutes(make(), { url: 'http://tv.example', problem: null });
    const at = (method: string, path: string) => routes.find((one) => one.method === method && one.path === path);
    const facts = { signal: NEVER } as RequestFacts;
    const run = async (method: string, path: string, params: unknown = {}) =>
      (await at(method, path)?.run({ params, query: {}, body: undefined }, facts)) as { servers: Record<string, unknown>[] };
    t.match(await run('get', '/api/livetv/status'), {
      servers: [{ server: 'main', wanted: false, registered: false, tuner: null }],
    });
    await run('post', '/api/livetv/register/:server', { server: 'main' });
    await sim.liveTv.guideSettled();
    const { servers } = await run('get', '/api/livetv/status');
    t.match(servers, [
      {
        registered: true,
        guide_refresh: { state: 'idle', last_status: 'Completed' },
        channels: [
          { channel_id: '1', channel_number: '101', seen: true, pre_warmed: null },
          { channel_id: '2', channel_number: '102', seen: true, pre_warmed: null },
        ],
        problem: null,
      },
    ]);
    t.notMatch(JSON.stringify(servers), TOKEN);
    t.match(await run('delete', '/api/livetv/register'), { servers: [{ wanted: false, registered: false }] });
    for (const one of routes) t.equal(one.access, one.method === 'get' ? 'read' : 'write', `${one.method} ${one.path}`);
  },
);

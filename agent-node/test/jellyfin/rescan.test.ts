// The rescan against the simulated Jellyfin: one call per library and batch, the key in the header, everything at most once.

import { silentLog, systemClock } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { createHttp, openAgents } from '../../src/http.ts';
import { createJellyfinClient } from '../../src/jellyfin/jellyfin-client.ts';
import { libraryOf, serverPath } from '../../src/jellyfin/path-map.ts';
import { createRescanner } from '../../src/jellyfin/rescan.ts';

const agents = openAgents(undefined);
t.teardown(() => agents.http.destroy());
const never = new AbortController().signal;
type Simulator = Awaited<ReturnType<typeof startJellyfinSimulator>>;

function rescannerOf(sim: Simulator, { key = sim.apiKey, hurry = 1 } = {}) {
  const client = createJellyfinClient({ url: `${sim.url}/`, key }, createHttp(agents));
  const started = performance.now();
  // The same waits, in less time.
  const clock = {
    ...systemClock,
    monotonic: () => (performance.now() - started) * hurry,
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / hurry, signal),
  };
  const pathMap = [{ from: '/srv/share', to: '/media' }];
  return createRescanner({
    root: '/srv/share',
    client,
    pathMap,
    isThere: async (path) => !path.includes('gone'),
    clock,
    log: silentLog,
  });
}
const calls = (sim: Simulator) =>
  sim
    .requests()
    .filter((one) => one.method === 'POST')
    .map(({ path }) => path.replace(/\?.*/, ''));
/** A scan finds what a test put there. */
async function whenAsked(sim: Simulator, path: RegExp, scan: () => Promise<unknown>): Promise<void> {
  while (!calls(sim).some((one) => path.test(one))) await new Promise((resolve) => setTimeout(resolve, 10));
  await scan();
}

t.test('rows 213, 227, 231: n new files of a library are one call, and then it is looked whether they are there', async (t) => {
  await using sim = await startJellyfinSimulator({
    library: [
      { name: 'Films', films: [{ name: 'Old', year: 2001 }] },
      { name: 'Shows', series: [] },
    ],
  });
  const [films] = sim.items.filter(({ name }) => name === 'Old');
  const folder = films?.path.split('/').slice(0, 3).join('/') ?? '';
  t.match(folder, /^\/media\//);
  const rescanner = rescannerOf(sim);
  const add = whenAsked(sim, /Refresh$/, () =>
    sim.addItems([
      {
        name: 'Films',
        films: [
          { name: 'New', year: 2024 },
          { name: 'Newer', year: 2025 },
        ],
      },
    ]),
  );
  const paths = ['New (2024)', 'Newer (2025)'].map((name) => sim.items.find((one) => one.path.includes(name))?.path ?? '');
  t.same(paths, ['', '']);
  const model = films?.path ?? '';
  const asked = ['New', 'Newer'].map((name, index) =>
    model
      .replaceAll('Old', name)
      .replaceAll('2001', `${2024 + index}`)
      .replace('/media/', ''),
  );
  await Promise.all([rescanner.rescan([...asked, asked[0]?.replace(/\.\w+$/, '.nfo') ?? ''], never), add]);
  t.equal(calls(sim).length, 1, JSON.stringify(calls(sim)));
  t.match(calls(sim)[0], /^\/Items\/[0-9a-f]{32}\/Refresh$/i);
  t.type(rescanner.state().had_it_after_s, 'number');
  t.equal(rescanner.state().problem, null);
  t.notMatch(JSON.stringify(sim.requests()), sim.apiKey, 'the key is in no address');
});

t.test("row 213: what the library's own look does not show is looked for everywhere, once", async (t) => {
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: [{ name: 'Old', year: 2001 }] }] });
  const rescanner = rescannerOf(sim, { hurry: 60 });
  const model = sim.items.find(({ name }) => name === 'Old')?.path ?? '';
  const path = model.replaceAll('Old', 'New').replaceAll('2001', '2024').replace('/media/', '');
  const add = whenAsked(sim, /^\/Library\/Refresh$/, () =>
    sim.addItems([{ name: 'Films', films: [{ name: 'New', year: 2024 }] }]),
  );
  await Promise.all([rescanner.rescan([path], never), add]);
  t.equal(calls(sim).filter((one) => one === '/Library/Refresh').length, 1);
  t.equal(calls(sim).length, 2);
});

t.test('a wrong key, a path that no library holds and a server that is down are told', async (t) => {
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: [{ name: 'Old', year: 2001 }] }] });
  const wrong = rescannerOf(sim, { key: 'f'.repeat(32) });
  await t.rejects(wrong.rescan(['movies/x.mkv'], never), { code: 'refused' });
  t.match(wrong.state().problem, /refuses Jellyfin's key/);
  const right = rescannerOf(sim);
  await t.rejects(right.rescan(['nowhere/x.mkv'], never), { message: /no library of Jellyfin holds \/media\/nowhere\/x\.mkv/ });
  t.same(calls(sim), [], 'nothing is asked for in vain');
  await sim.powerOff();
  await t.rejects(right.rescan(['movies/x.mkv'], never), { code: 'unreachable' });
});

t.test('paths as the server sees them, its own separators, the innermost library', async (t) => {
  t.equal(serverPath('/srv/media/Films/a.mkv', []), '/srv/media/Films/a.mkv');
  t.equal(
    serverPath('/srv/media/Films/a.mkv', [
      { from: '/srv/', to: '/s' },
      { from: '/srv/media', to: '/m/' },
    ]),
    '/m/Films/a.mkv',
  );
  t.equal(serverPath('/srv/media/Films/a.mkv', [{ from: '/srv/media/', to: 'D:\\media' }]), 'D:\\media\\Films\\a.mkv');
  t.equal(serverPath('/srv/mediathek/a.mkv', [{ from: '/srv/media', to: '/m' }]), '/srv/mediathek/a.mkv');
  const libraries = [
    { id: '1', name: 'All', locations: ['/m'] },
    { id: '2', name: 'Kids', locations: ['/m/Kids/'] },
  ];
  t.equal(libraryOf('/m/Kids/a.mkv', libraries)?.id, '2');
  t.equal(libraryOf('/m/Kid/a.mkv', libraries)?.id, '1');
  t.equal(libraryOf('/mm/a.mkv', libraries), undefined);
});

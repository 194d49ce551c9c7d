// Stopping what runs and starting the same again: the real 4.5.2, and the simulated ones where the words differ.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import { startQbittorrentSimulator } from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import { addTinyTorrent } from '../../../deploy/demo/qbittorrent/tiny-torrent.ts';
import { systemClock } from '../../src/clock.ts';
import { openTestClient, patience } from './open-test-client.ts';

const installed = await hasQbittorrent();
const hashOf = (number: number): string => number.toString(16).padStart(40, '0');

t.test(
  'the real 4.5.2: what runs is stopped and started again, one stopped by its user stays stopped, one forced is forced again',
  { skip: !installed && 'qbittorrent-nox is not installed' },
  async (t) => {
    await using real = await startQbittorrent({ password: null });
    await using client = openTestClient(real.url);
    const { running, pause, resume } = client.pausing;
    t.same(await running(patience()), [], 'nothing to stop');
    const plain = await addTinyTorrent(real.url, 'alpha');
    const forced = await addTinyTorrent(real.url, 'bravo');
    const gone = await addTinyTorrent(real.url, 'charl');
    await addTinyTorrent(real.url, 'delta', { stopped: true });
    const post = (path: string, fields: Record<string, string>) =>
      fetch(`${real.url}/api/v2/torrents/${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    await post('setForceStart', { hashes: forced, value: 'true' });
    const ids = await running(patience());
    t.same(new Set(ids), new Set([plain, `${forced}:forced`, gone]));
    await pause(ids, patience());
    t.same(await running(patience()), []);
    await pause(ids, patience());
    await post('delete', { hashes: gone, deleteFiles: 'true' });
    await systemClock.sleep(1_000, patience()); // what changed in its last moments, qBittorrent forgets
    await real.stop();
    await real.start();
    t.same(await running(patience()), [], 'over a restart, while they are looked through');
    await resume(ids, patience());
    t.same(new Set(await running(patience())), new Set([plain, `${forced}:forced`]));
    await resume(ids, patience());
    t.same((await running(patience())).length, 2);
  },
);

for (const version of ['4.5.2', '5.0.5', '5.2.3'] as const) {
  t.test(`${version}: only what runs is touched, whatever its state is called`, async (t) => {
    await using simulator = await startQbittorrentSimulator({
      version,
      username: 'admin',
      password: 'secret',
      torrents: [
        { hash: hashOf(1), seeding: true },
        { hash: hashOf(2), forced: true },
        { hash: hashOf(3), stopped: true },
        { hash: hashOf(4), stopped: true, busy: 'moving' },
        { hash: hashOf(5), stopped: true, busy: 'checkingResumeData' },
        { hash: hashOf(6), broken: 'error' },
        { hash: hashOf(7), broken: 'missingFiles' },
        { hash: hashOf(8), busy: 'moving' },
      ],
    });
    const before = simulator.torrents.all();
    await using client = openTestClient(simulator.url, { username: 'admin', password: 'secret' });
    const ids = await client.pausing.running(patience());
    t.same(ids, [hashOf(1), `${hashOf(2)}:forced`, hashOf(8)]);
    await client.pausing.pause(ids, patience());
    t.same(await client.pausing.running(patience()), []);
    await client.pausing.resume(ids, patience());
    t.same(
      simulator.torrents.all().map(({ stopped = false, forced = false, ...rest }) => ({ ...rest, stopped, forced })),
      before.map(({ stopped = false, forced = false, ...rest }) => ({ ...rest, stopped, forced })),
    );
    simulator.clearRequests();
    await client.pausing.pause([], patience());
    t.notOk(simulator.requests().some(({ method }) => method === 'POST'));
  });

  t.test(`${version}: five thousand torrents are listed in pages and touched a hundred at a time`, async (t) => {
    const torrents = Array.from({ length: 5_000 }, (_, number) => ({ hash: hashOf(number), stopped: number % 10 === 0 }));
    await using simulator = await startQbittorrentSimulator({ version, password: null, torrents });
    await using client = openTestClient(simulator.url);
    const ids = await client.pausing.running(patience());
    t.equal(ids.length, 4_500);
    t.equal(new Set(ids).size, 4_500);
    await client.pausing.pause(ids, patience());
    t.ok(simulator.torrents.all().every(({ stopped }) => stopped));
    const posts = simulator.requests().filter(({ method }) => method === 'POST');
    t.equal(posts.length, 45);
    await client.pausing.resume(ids, patience());
    t.equal((await client.pausing.running(patience())).length, 4_500);
    for (const torrent of torrents.slice(1_000)) simulator.torrents.remove(torrent.hash);
    t.equal((await client.pausing.running(patience())).length, 900, 'a last page that is full ends the list as well');
  });
}

t.test('a page full of broken torrents is not the end of the list', async (t) => {
  const torrents = Array.from({ length: 600 }, (_, number) =>
    number < 500 ? ({ hash: hashOf(number), broken: 'error' } as const) : { hash: hashOf(number) },
  );
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', password: null, torrents });
  await using client = openTestClient(simulator.url);
  t.equal((await client.pausing.running(patience())).length, 100);
});

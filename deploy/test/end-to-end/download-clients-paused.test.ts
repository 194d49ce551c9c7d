// torrents.pause_below: where too little is left every download client that sends is stopped, and what ran runs again; nothing else is touched.
import t from 'tap';
import { addSeed } from '../../../controller/test/transmission/add-seed.ts';
import { oneFileTorrent } from '../../demo/one-file-torrent.ts';
import { openCrowdedHome } from './fixtures/many-clients.ts';
import { until } from './fixtures/until.ts';

const [STOPPED, SEEDING] = [0, 6];

t.test('too little is left: torrents are stopped, and those that ran run again', async (t) => {
  const { home, limits, owners, qbittorrent, sabnzbd, daemons, hands, viewer, start } = await openCrowdedHome(t, {
    config: { torrents: { pause_below: 4 } },
    torrentList: [
      { hash: 'a'.repeat(40), seeding: true },
      { hash: 'b'.repeat(40), stopped: true },
    ],
  });
  await addSeed(hands.transmission, { ...daemons.transmission, name: 'ran' });
  await addSeed(hands.transmission, { ...daemons.transmission, name: 'rested', paused: true });
  const add = (name: string): Promise<string> =>
    hands.deluge('core.add_torrent_file', name, oneFileTorrent(name, Buffer.from(name)).metainfo, {});
  const [, rested] = [await add('ran'), await add('rested')];
  await hands.deluge('core.pause_torrents', [rested]);
  /** By client: torrents that run. */
  const running = async (): Promise<Readonly<Record<string, readonly string[]>>> => {
    const { torrents } = await hands.transmission('torrent-get', { fields: ['name', 'status'] });
    const deluge = await hands.deluge('core.get_torrents_status', {}, ['name', 'state']);
    return {
      qbittorrent: qbittorrent.torrents.all().flatMap(({ hash, stopped }) => (stopped ? [] : [hash.slice(0, 1)])),
      transmission: torrents.flatMap(({ name, status }: Told) => (status === SEEDING ? [name] : status === STOPPED ? [] : ['?'])),
      deluge: Object.values<Told>(deluge).flatMap(({ name, state }) => (state === 'Paused' ? [] : [name])),
    };
  };
  const ran = { qbittorrent: ['a'], transmission: ['ran'], deluge: ['ran'] };
  const none = { qbittorrent: [], transmission: [], deluge: [] };
  let seen: unknown = null;
  const runs = (wanted: object) => async (): Promise<boolean> => {
    seen = await running();
    return JSON.stringify(seen) === JSON.stringify(wanted);
  };
  const show = { show: () => seen };
  await until('as their owners have it', runs(ran), show);
  const observer = await start();

  await t.test('a stream that leaves something limits them and stops none', async (t) => {
    await viewer.play({ title: 'Small', bitrateKbps: 3_000, reservedKbps: 4_000 });
    await until('limited', async () => (await limits())['transmission speed-limit-up-enabled'] === true);
    t.same(await running(), ran);
    await viewer.leave();
  });

  await t.test('one that draws most: all are stopped, Usenet is not', async (t) => {
    await viewer.play({ title: 'Large', bitrateKbps: 15_000, reservedKbps: 16_000 });
    await until('all are stopped', runs(none), show);
    await until('it is shown', () => observer.state()?.torrents_paused === true, { show: observer.state });
    t.equal(sabnzbd.paused(), false, 'what sends nothing need not stop');
    t.match(observer.state()?.reason, /Stopped for now: .*qbit.*transmission.*deluge/);
  });

  await t.test('SIGKILL and the next start: they are still ours to start (row 199)', async (t) => {
    await home.controller.kill();
    t.same(await running(), none);
    await home.controller.start();
    // What an earlier run left is given back before anything is decided anew.
    await home.controller.waitFor(({ text }) => text === 'torrents stopped');
    await until('all are stopped', runs(none), show);
  });

  await t.test('the viewer leaves: those that ran run, those that rested rest', async (t) => {
    await viewer.leave();
    await until('as before', runs(ran), show);
    await until('limits too', async () => JSON.stringify(await limits()) === JSON.stringify(owners), { show: () => owners });
    t.pass('as before');
  });

  await t.test('SIGTERM while they are stopped: all is as it was (rows 58, 198)', async (t) => {
    await viewer.play({ title: 'Large', bitrateKbps: 15_000, reservedKbps: 16_000 });
    await until('all are stopped', runs(none), show);
    const from = performance.now();
    t.equal(await home.controller.stop(), 0);
    const ms = performance.now() - from;
    t.comment(`${Math.round(ms)} ms`);
    t.ok(ms < 7_000, 'the 8 s that a stop may take are not needed; Transmission is given a second after its last stop');
    await until('as before', runs(ran), show);
    t.same(await limits(), owners);
  });
});

type Told = { readonly name: string; readonly status: number; readonly state: string };

// Both ways with the torrent clients of others, over a tracker of the test's own: Debian's aria2c, transmission-daemon and qbittorrent-nox.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { torrentPeers } from '../../../deploy/demo/torrent-peers/torrent-peers.ts';
import { engineHome, stateOf, until } from './engine-home.ts';
import { startOwnTracker } from './own-tracker.ts';

t.jobs = 3;
for (const [name, start] of Object.entries(torrentPeers))
  t.test(`${name} loads what the engine seeds, and the engine what ${name} seeds`, { buffered: true }, async (t) => {
    const home = engineHome(t, 100_000);
    await using tracker = await startOwnTracker();
    const folderOf = (path: string) => {
      mkdirSync(join(home.folder, path), { recursive: true });
      return join(home.folder, path);
    };
    const content = home.file('a/film.mkv', 3_000_000);
    const other = home.file('b/other.mkv', 2_000_000);
    const [seeder, node] = [home.open(), home.open()];
    const theirs = await seeder.hash(join(home.folder, 'b/other.mkv'), { announce: [tracker.announce] }, () => {}, home.signal);
    const ours = await home.seed(seeder, 'a/film.mkv', [tracker.announce]);
    await until(() => tracker.ports(ours.infoHash).length === 1, home.signal);
    await using peer = await start();
    copyFileSync(join(home.folder, 'b/other.mkv'), join(folderOf('has'), 'other.mkv'));
    await peer.add(theirs.torrent, theirs.infoHash, folderOf('has'));
    await peer.add(ours.torrent, ours.infoHash, folderOf('gets'));
    await until(async () => (await peer.isWhole(theirs.infoHash)) && tracker.ports(theirs.infoHash).length === 1, home.signal);
    const order = { infoHash: theirs.infoHash, torrent: theirs.torrent, folder: folderOf('staging'), files: ['x'], peers: [] };
    await node.add({ ...order, announce: [tracker.announce] }, home.signal);
    await until(() => stateOf(node, theirs.infoHash)?.isDone === true, home.signal);
    await until(() => peer.isWhole(ours.infoHash), home.signal);
    t.ok(readFileSync(join(home.folder, 'gets/film.mkv')).equals(content), 'they have what we had');
    t.ok(readFileSync(join(home.folder, 'staging/x')).equals(other), 'and we what they had');
    t.same(home.warned, []);
  });

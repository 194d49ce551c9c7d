// Peers: the real torrent process on both sides, our own tracker, and this node's own program.
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { freePort } from '../../../deploy/demo/free-port.ts';
import { openTorrentEngine } from '../../src/torrent/open-torrent-engine.ts';
import { startNodeHome, until } from '../node-home.ts';
import { bytesOf, sha256Of } from '../share-server.ts';
import { startOwnTracker } from '../torrent/own-tracker.ts';
import { startSeeder } from '../torrent/start-seeder.ts';

t.setTimeout(120_000);
const never = new AbortController().signal;

t.test(
  'rows 209, 226, 245: a folder comes from a peer, is verified, lies at its path, and is given to others from there',
  async (t) => {
    await using home = await startNodeHome();
    await using tracker = await startOwnTracker();
    const files = { 'Season 1/e1.mkv': bytesOf(1_500_000, 'e1'), 'Season 1/e2.mkv': bytesOf(700_000, 'e2') };
    const seeder = await startSeeder(join(home.folder, 'source/Show'), files, tracker.announce);
    await using _ = seeder.engine;
    const { infoHash, torrent } = seeder.hashed;
    home.server.intercept = ({ url, headers }, response) => {
      if (url !== `/torrent/${infoHash}.torrent` || headers.authorization !== `Bearer ${home.server.token}`) return false;
      response.end(torrent);
      return true;
    };
    const listed = Object.entries(files).map(([path, bytes]) => ({ path, size: bytes.length, sha256: sha256Of(bytes) }));
    home.server.publish('family', [
      {
        title: 'Show',
        torrent: `magnet:?xt=urn:btih:${infoHash}`,
        info_hash: infoHash,
        path: 'Shows/Show (2020)',
        files: listed,
      },
    ]);
    const yaml = `torrent: { listen: 127.0.0.1, port: ${await freePort()}, patience_seconds: 15 }\nallow: { trackers: ['${new URL(tracker.announce).host}'] }\n`;
    tracker.isAway = true;
    await using node = home.start({ yaml });
    await until('a tracker that is not there at first', () => tracker.refused > 0);
    tracker.isAway = false;
    await until('the folder', () => home.seen().length === 2, 40_000);
    t.equal(home.server.countOf('/web-seed'), 0, 'nothing came from the web seed');
    for (const [path, bytes] of Object.entries(files)) t.ok(home.read(`Shows/Show (2020)/${path}`)?.equals(bytes), path);
    await seeder.engine.remove(infoHash);
    // The node alone has it now: whoever asks gets it from the node.
    const other = openTorrentEngine({ listen: { address: '127.0.0.1', port: 0 }, log: silentLog });
    await using __ = other;
    const folder = join(home.folder, 'other');
    await other.add({ infoHash, torrent, folder, files: ['a', 'b'], peers: [], announce: [tracker.announce] }, never);
    await until('the other', () => other.states()[0]?.isDone === true, 40_000);
    t.equal(await node.stop('SIGTERM'), 0, node.log());
  },
);

t.test(
  'without a peer, or with a liar for one, the web seed gives it; a tracker that is not allowed is never asked',
  async (t) => {
    await using home = await startNodeHome();
    await using tracker = await startOwnTracker();
    const film = bytesOf(400_000);
    const seeder = await startSeeder(join(home.folder, 'source/film'), { 'film.mkv': film }, tracker.announce);
    await using _ = seeder.engine;
    const { infoHash, torrent } = seeder.hashed;
    await seeder.engine.remove(infoHash);
    home.server.intercept = ({ url }, response) => {
      if (url !== `/torrent/${infoHash}.torrent`) return false;
      response.end(torrent);
      return true;
    };
    const item = home.server.share(`${infoHash}/film.mkv`, film);
    home.server.publish('family', [
      { ...item, path: 'Films', files: [{ path: 'film.mkv', size: film.length, sha256: sha256Of(film) }] },
    ]);
    const yaml = `torrent: { listen: 127.0.0.1, port: ${await freePort()}, patience_seconds: 1, seed: false }\n`;
    const ran = await home.run(['--once'], { yaml });
    t.equal(ran.code, 0, ran.err);
    t.ok(home.read('Films/film.mkv')?.equals(film));
    t.same(tracker.ports(infoHash), []);
    rmSync(home.library, { recursive: true });
    // Other bytes, seeded under their own stamp.
    const folder = join(home.folder, 'source/film');
    writeFileSync(join(folder, 'film.mkv'), bytesOf(400_000, 'a lie'));
    const { size, mtimeMs } = statSync(join(folder, 'film.mkv'));
    const order = { infoHash, torrent, folder, files: ['film.mkv'], peers: [], announce: [tracker.announce] };
    await seeder.engine.add({ ...order, readOnly: true, stamps: [{ size, mtimeMs }] }, never);
    await until('the liar', () => tracker.ports(infoHash).length === 1);
    let lied = 0;
    seeder.engine.onChange(() => {
      lied = Math.max(lied, seeder.engine.states()[0]?.upBps ?? 0);
    });
    const again = await home.run(['--once'], { yaml: `${yaml}allow: { trackers: ['${new URL(tracker.announce).host}'] }\n` });
    t.equal(again.code, 0, again.err);
    t.ok(lied > 0, 'the liar gave it some');
    t.ok(home.read('Films/film.mkv')?.equals(film));
  },
);

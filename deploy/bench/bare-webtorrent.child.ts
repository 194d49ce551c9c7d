// webtorrent as it comes, but for what must be off to find a peer at all: seeds, or loads and says how long that took. Words: TORRENT FOLDER [PORT or web seed].
import { readFileSync } from 'node:fs';
import WebTorrent from 'webtorrent';

const [torrentPath = '', folder = '', source] = process.argv.slice(2);
const client = new WebTorrent({
  torrentPort: { port: 0, host: '127.0.0.1' },
  ...{ utp: false, dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false },
  ...{ secure: 1, maxConns: 55, userAgent: 'bare', tracker: { wrtc: false }, webSeeds: true },
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
const started = performance.now();
const torrent = client.add(readFileSync(torrentPath), { path: folder });
torrent.on('infoHash', () => {
  if (source !== undefined && !source.startsWith('http:')) torrent.addPeer(`127.0.0.1:${source}`);
});
torrent.on('ready', () => {
  if (source?.startsWith('http:')) torrent.addWebSeed(source);
});
torrent.on('done', () => {
  const { port: own = 0 } = client.address() ?? {};
  process.send?.({ port: own, s: (performance.now() - started) / 1_000 });
});

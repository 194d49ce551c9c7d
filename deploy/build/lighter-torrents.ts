// esbuild plugin: leaves out of webtorrent what our engine never switches on. What is not there opens no router and asks no stranger.
import type { Plugin } from 'esbuild';

/**
 * Distributed hash table, local discovery, UPnP and NAT-PMP, block lists, peer exchange, uTP, WebRTC peers, and its own files on disk: we have ours.
 * webtorrent's own package.json says for browsers that most of these may be missing, and its code asks whether they are there.
 */
const UNUSED =
  /^(bittorrent-dht|bittorrent-lsd|@silentbot1\/nat-api|load-ip-set|ut_pex|webrtc-polyfill|fs-chunk-store|\.\/(lib\/)?utp\.cjs)$/;

export const lighterTorrents: Plugin = {
  name: 'lighter-torrents',
  setup(build) {
    build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'no-torrents' }));
    build.onLoad({ filter: /.*/, namespace: 'no-torrents' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

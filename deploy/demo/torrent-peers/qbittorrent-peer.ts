// The real qbittorrent-nox, asked over its web API.
import { startQbittorrent } from '../qbittorrent/start-qbittorrent.ts';
import type { TorrentPeer } from './torrent-peer.ts';

/** Checked, and seeding or ready to. */
const WHOLE = ['uploading', 'stalledUP', 'forcedUP', 'pausedUP', 'stoppedUP', 'queuedUP'];

export async function qbittorrentPeer(): Promise<TorrentPeer> {
  const daemon = await startQbittorrent({ password: null });
  return {
    async add(torrent, infoHash, folder) {
      const form = new FormData();
      form.append('torrents', new Blob([Uint8Array.from(torrent)]), `${infoHash}.torrent`);
      form.append('savepath', folder);
      form.append('autoTMM', 'false');
      const added = await fetch(`${daemon.url}/api/v2/torrents/add`, { method: 'POST', body: form });
      if (!added.ok) throw new Error(`torrents/add answered ${added.status}: ${await added.text()}`);
      await added.text();
    },
    async isWhole(infoHash) {
      const answer = await fetch(`${daemon.url}/api/v2/torrents/info?hashes=${infoHash}`);
      const [one] = (await answer.json()) as readonly { readonly state: string }[];
      return one !== undefined && WHOLE.includes(one.state);
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

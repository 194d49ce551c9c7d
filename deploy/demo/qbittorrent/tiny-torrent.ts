// Adds a torrent to a real qBittorrent that needs no log-in.
import { oneFileTorrent } from '../one-file-torrent.ts';

/** Resolves with its hash when qBittorrent knows it. `stopped`: as if its user had added it so. */
export const addTinyTorrent = async (url: string, name: string, { stopped = false } = {}): Promise<string> => {
  const { hash, metainfo } = oneFileTorrent(name, Buffer.from(name));
  const form = new FormData();
  form.append('torrents', new Blob([Buffer.from(metainfo, 'base64')]), `${name}.torrent`);
  for (const key of ['paused', 'stopped']) form.append(key, String(stopped)); // the second from 5.0 on
  const added = await fetch(`${url}/api/v2/torrents/add`, { method: 'POST', body: form });
  if (!added.ok) throw new Error(`torrents/add answered ${added.status}: ${await added.text()}`);
  await added.text();
  const give = AbortSignal.timeout(10_000);
  while ((await (await fetch(`${url}/api/v2/torrents/info?hashes=${hash}`, { signal: give })).text()) === '[]');
  return hash;
};

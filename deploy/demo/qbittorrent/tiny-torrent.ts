// A torrent of five bytes without a tracker, for a real qBittorrent that needs no log-in: something to stop and to start.
import { createHash } from 'node:crypto';

/** Resolves with its hash when qBittorrent knows it. `stopped`: as if its user had added it so. */
export const addTinyTorrent = async (url: string, name: string, { stopped = false } = {}): Promise<string> => {
  const piece = createHash('sha1').update(name).digest('binary');
  const info = `d6:lengthi5e4:name${name.length}:${name}12:piece lengthi16384e6:pieces20:${piece}e`;
  const form = new FormData();
  form.append('torrents', new Blob([Buffer.from(`d4:info${info}e`, 'latin1')]), `${name}.torrent`);
  for (const key of ['paused', 'stopped']) form.append(key, String(stopped)); // the second from 5.0 on
  const added = await fetch(`${url}/api/v2/torrents/add`, { method: 'POST', body: form });
  if (!added.ok) throw new Error(`torrents/add answered ${added.status}: ${await added.text()}`);
  await added.text();
  const hash = createHash('sha1').update(Buffer.from(info, 'latin1')).digest('hex');
  const give = AbortSignal.timeout(10_000);
  while ((await (await fetch(`${url}/api/v2/torrents/info?hashes=${hash}`, { signal: give })).text()) === '[]');
  return hash;
};

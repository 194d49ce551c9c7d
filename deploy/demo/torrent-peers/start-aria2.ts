// The real aria2c, asked over its JSON-RPC.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { ownProcess } from '../own-process.ts';
import type { TorrentPeer } from './torrent-peer.ts';

export async function startAria2(): Promise<TorrentPeer> {
  const home = await mkdtemp(join(tmpdir(), 'headgate-aria2-'));
  const [port, peerPort] = [await freePort(), await freePort()];
  const args = [
    '--no-conf',
    '--enable-rpc',
    `--rpc-listen-port=${port}`,
    '--interface=127.0.0.1',
    `--listen-port=${peerPort}`,
    ...['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false'],
    // What lies there is checked, and seeded without an end.
    ...['--check-integrity=true', '--seed-ratio=0.0', '--bt-tracker-interval=2', '--file-allocation=none'],
  ];
  const daemon = ownProcess({ program: 'aria2c', args, home, port });
  await daemon.start();
  const gids = new Map<string, string>();
  const call = async (method: string, ...params: readonly unknown[]): Promise<Readonly<Record<string, string>> & string> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: `aria2.${method}`, params });
    const answer = await fetch(`http://127.0.0.1:${port}/jsonrpc`, { method: 'POST', body });
    const { result, error } = (await answer.json()) as {
      result: Readonly<Record<string, string>> & string;
      error?: { message: string };
    };
    if (error !== undefined) throw new Error(`aria2 says: ${error.message}`);
    return result;
  };
  return {
    async add(torrent, infoHash, folder) {
      gids.set(infoHash, await call('addTorrent', Buffer.from(torrent).toString('base64'), [], { dir: folder }));
    },
    async isWhole(infoHash) {
      const { status, completedLength, totalLength } = await call('tellStatus', gids.get(infoHash));
      if (status === 'error') throw new Error('aria2 gave up');
      return completedLength === totalLength && Number(totalLength) > 0;
    },
    async [Symbol.asyncDispose]() {
      await daemon.end('SIGKILL');
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

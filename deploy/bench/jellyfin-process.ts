// The simulated Jellyfin as a process of its own, that can be killed and frozen, with films as its library.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../demo/free-port.ts';
import { itemsFromSeeds, type LibrarySeed } from '../demo/jellyfin/library-seeds.ts';
import { type OwnProcess, ownProcess } from '../demo/own-process.ts';

const MAIN = join(import.meta.dirname, '../demo/jellyfin/main.ts');
const KEY = '0123456789abcdef0123456789abcdef';

export type JellyfinProcess = AsyncDisposable & {
  readonly url: string;
  readonly apiKey: string;
  readonly process: OwnProcess;
  /** Of a film by name: what ffmpeg would be told, and the header that goes with it. */
  streamOf(film: string): { readonly url: string; readonly headers: Readonly<Record<string, string>> };
};

export async function startJellyfin(folder: string, library: readonly LibrarySeed[]): Promise<JellyfinProcess> {
  const file = join(folder, 'library.json');
  await writeFile(file, JSON.stringify(library));
  const port = await freePort();
  const args = [MAIN, '--port', `${port}`, '--key', KEY, '--library', file, '--state', join(folder, 'jellyfin.json')];
  const process_ = ownProcess({ program: process.execPath, args, home: folder, port });
  await process_.start();
  const url = `http://127.0.0.1:${port}`;
  const { items } = itemsFromSeeds(library, 0);
  return {
    ...{ url, apiKey: KEY, process: process_ },
    streamOf(film) {
      const id = items.find(({ name }) => name === film)?.id ?? '';
      return {
        url: `${url}/Videos/${id}/stream?static=true&mediaSourceId=${id}`,
        headers: { Authorization: `MediaBrowser Token="${KEY}"` },
      };
    },
    [Symbol.asyncDispose]: () => process_.end('SIGTERM'),
  };
}

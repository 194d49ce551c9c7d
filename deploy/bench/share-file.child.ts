// One file as a controller shares it, in a process of its own: its manifest, its .torrent file and its web seed by ranges. Says when it was first asked for.
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startShareServer } from '../../agent-node/test/share-server.ts';

/** @property announce null: there is no .torrent file of it. */
export type SharedFile = {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly infoHash: string;
  readonly torrent: Uint8Array | null;
};
/** What it says to its owner. `first`: of the file or of its .torrent, by the clock of the machine. */
export type ShareWord =
  | { readonly type: 'up'; readonly url: string }
  | { readonly type: 'first'; readonly atMs: number }
  | { readonly type: 'asked'; readonly asked: readonly string[] };

const READ_BYTES = 256 * 1024;
const say = (word: ShareWord): void => void process.send?.(word);

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', async (shared: SharedFile) => {
  const server = await startShareServer({ token: '' });
  const { infoHash, size, sha256 } = shared;
  let isFirst = true;
  server.intercept = (request, response) => {
    if (request.url?.startsWith('/manifest') === true) return false;
    if (isFirst) say({ type: 'first', atMs: Date.now() });
    isFirst = false;
    answer(shared, request, response);
    return true;
  };
  const torrent = `magnet:?xt=urn:btih:${infoHash}`;
  server.publish('family', [{ title: 'A', torrent, info_hash: infoHash, path: 'A/a.mkv', size, sha256 }]);
  process.on('message', () =>
    say({ type: 'asked', asked: server.asked.map(({ path, headers }) => `${path} ${headers['if-none-match'] ?? ''}`) }),
  );
  say({ type: 'up', url: server.url });
});

function answer({ file, size, infoHash, torrent }: SharedFile, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === `/torrent/${infoHash}.torrent` && torrent !== null) return void response.end(torrent);
  if (request.url?.startsWith('/web-seed/') !== true) return void response.writeHead(404).end();
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const [from, to] = range === null ? [0, size - 1] : [Number(range[1]), Math.min(Number(range[2]), size - 1)];
  response.writeHead(range === null ? 200 : 206, {
    'content-length': String(to - from + 1),
    ...(range === null ? {} : { 'content-range': `bytes ${from}-${to}/${size}` }),
  });
  createReadStream(file, { start: from, end: to, highWaterMark: READ_BYTES }).pipe(response);
}

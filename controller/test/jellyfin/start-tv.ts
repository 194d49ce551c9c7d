// What a Jellyfin fetches of us: a playlist of two channels under any token, a guide, and streams that begin at once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Tv = AsyncDisposable & {
  readonly url: string;
  /** Paths, in order. */
  readonly fetched: string[];
};

/** A null packet of MPEG-TS, again and again: for servers that do not look inside. */
const PACKETS = Buffer.concat(
  Array.from({ length: 50 }, () => Buffer.concat([Buffer.from([0x47, 0x1f, 0xff, 0x10]), Buffer.alloc(184, 0xff)])),
);

export async function startTv(): Promise<Tv> {
  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    fetched.push(path);
    const base = `http://${request.headers.host}${path.slice(0, path.lastIndexOf('/'))}`;
    const line = (n: number, name: string) => `#EXTINF:-1 tvg-id="c${n}" tvg-chno="${n}",${name}\n${base}/${n}.ts\n`;
    if (path.endsWith('.m3u')) response.end(`#EXTM3U\n${line(101, 'Films')}${line(102, 'Shows')}`);
    else if (path.endsWith('.ts')) {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      const feed = setInterval(() => response.write(PACKETS), 20);
      response.on('close', () => clearInterval(feed));
    } else response.end('<?xml version="1.0"?><tv><channel id="c101"><display-name>Films</display-name></channel></tv>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetched,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

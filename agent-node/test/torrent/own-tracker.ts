// A tracker for tests (BEP 3 and 23): who announces an info hash learns of the others, all on 127.0.0.1.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeBencode } from '@headgate/protocol/bencode';

export type OwnTracker = AsyncDisposable & {
  readonly announce: string;
  /** Ports that announced themselves and did not leave, by info hash. */
  readonly ports: (infoHash: string) => readonly number[];
  /** It answers 503, and counts how often. */
  isAway: boolean;
  refused: number;
};

export async function startOwnTracker(): Promise<OwnTracker> {
  const swarms = new Map<string, Set<number>>();
  const server = createServer((request, response) => {
    if (tracker.isAway) {
      tracker.refused += 1;
      response.writeHead(503).end();
      return;
    }
    const query = new URL(request.url ?? '/', 'http://tracker').search.slice(1);
    const words = new Map(query.split('&').map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
    const infoHash = Buffer.from(latin1(words.get('info_hash') ?? ''), 'latin1').toString('hex');
    const port = Number(words.get('port'));
    const swarm = swarms.get(infoHash) ?? new Set<number>();
    swarms.set(infoHash, swarm);
    const others = [...swarm].filter((other) => other !== port);
    if (words.get('event') === 'stopped') swarm.delete(port);
    else swarm.add(port);
    const peers = Buffer.concat(others.map((other) => Buffer.from([127, 0, 0, 1, other >> 8, other & 255])));
    response.end(encodeBencode({ interval: 2, 'min interval': 1, complete: 1, incomplete: 1, peers }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tracker: OwnTracker = {
    isAway: false,
    refused: 0,
    announce: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    ports: (infoHash) => [...(swarms.get(infoHash) ?? [])],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return tracker;
}

/** What is not a `%xx` stands for itself, one byte a character. */
const latin1 = (text: string): string =>
  text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

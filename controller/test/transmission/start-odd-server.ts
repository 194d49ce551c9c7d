// A web server that answers what the real Transmission cannot be made to: each test says what, and no handshake is done for it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type OddAnswer = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

export type OddRequest = { readonly path: string; readonly sessionId: string | undefined; readonly method: string };

export type OddServer = AsyncDisposable & { readonly url: string; readonly requests: readonly OddRequest[] };

export const startOddServer = async (answer: (request: OddRequest, count: number) => OddAnswer): Promise<OddServer> => {
  const requests: OddRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => void chunks.push(chunk));
    incoming.on('end', () => {
      const sessionId = incoming.headers['x-transmission-session-id'];
      const { method } = JSON.parse(Buffer.concat(chunks).toString()) as { method: string };
      const request = { path: incoming.url ?? '', sessionId: sessionId?.toString(), method };
      requests.push(request);
      const { status = 200, headers = {}, body = '' } = answer(request, requests.length);
      outgoing.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** As 3.00 tells it. */
export const saneSession = {
  version: '3.00 (bb6b5a062e)',
  'rpc-version': 16,
  units: { 'speed-bytes': 1000 },
  'speed-limit-up': 700,
  'speed-limit-up-enabled': true,
  'speed-limit-down': 100,
  'speed-limit-down-enabled': false,
  'alt-speed-up': 50,
  'alt-speed-down': 50,
  'alt-speed-enabled': false,
};

export const success = (told: object): OddAnswer => ({ body: JSON.stringify({ result: 'success', arguments: told }) });

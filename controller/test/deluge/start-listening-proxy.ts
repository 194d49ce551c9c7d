// Stands between the adapter and the real deluge-web: notes which methods pass, and answers in its place where the real one cannot be made to do wrong.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Substitute = { readonly status?: number; readonly body: string };

export type ListeningProxy = AsyncDisposable & {
  /** With a base path that the real one does not have, as behind nginx. */
  readonly url: string;
  /** Methods in the order in which they came. */
  readonly methods: string[];
  /** Null: passes everything on. */
  answerWith(substitute: ((method: string) => Substitute | null) | null): void;
};

export const startListeningProxy = async (target: string): Promise<ListeningProxy> => {
  const methods: string[] = [];
  let substitute: ((method: string) => Substitute | null) | null = null;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const method: string = JSON.parse(body).method;
    methods.push(method);
    const instead = substitute?.(method) ?? null;
    if (instead !== null) {
      outgoing.writeHead(instead.status ?? 200, { 'content-type': 'application/json' }).end(instead.body);
      return;
    }
    const onward = request(`${target}${incoming.url?.replace(/^\/torrents/, '') ?? ''}`, {
      method: 'POST',
      headers: incoming.headers,
    });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  };
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/torrents`,
    methods,
    answerWith: (next) => {
      substitute = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

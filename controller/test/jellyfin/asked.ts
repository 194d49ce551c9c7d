// A relay in front of a simulated Jellyfin that remembers every request word for word.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string;
  /** Parsed JSON; null where there was none. */
  readonly body: Readonly<Record<string, unknown>> | null;
};

export type Relay = AsyncDisposable & { readonly url: string; readonly asked: Asked[] };

/** Requests go on to `target`; what is asked stands in `asked`. */
export async function startRelay(target: string): Promise<Relay> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', target);
    const { authorization = '', accept = '*/*' } = request.headers;
    asked.push({
      method: request.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization,
      body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>),
    });
    const answer = await fetch(url, {
      method: request.method ?? 'GET',
      headers: { authorization, accept, ...(text === '' ? {} : { 'content-type': 'application/json' }) },
      ...(text === '' ? {} : { body: text }),
    });
    const type = answer.headers.get('content-type');
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

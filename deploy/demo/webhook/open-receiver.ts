// The socket of whoever is told by POST: what came in, the same port after a restart, and answers that are late, wrong or none at all.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

export type Received = {
  /** Of this machine's clock; ms. */
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0: no answer was given. */
  readonly status: number;
};

export type Reply = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** Instead of the usual answer, for `times` requests (default all). */
export type Mood = {
  readonly times?: number;
  /** `hang`: never. `cut`: the connection ends. `slow-body`: the usual status at once, and a body that never ends. `flood`: the usual status and a body without end. */
  readonly answer?: 'hang' | 'cut' | 'slow-body' | 'flood';
  readonly reply?: Reply;
  readonly delayMs?: number;
};

export type Receiver = AsyncDisposable & {
  /** Without a path. */
  readonly url: string;
  received(): readonly Received[];
  clear(): void;
  setMood(mood: Mood | null): void;
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
};

export type ReceiverOptions = {
  readonly reply: (request: Omit<Received, 'status'>) => Reply;
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
};

const MOST_KEPT = 10_000;
const MOST_BODY = 2 ** 20;

export async function openReceiver({ reply, tls }: ReceiverOptions): Promise<Receiver> {
  const received: Received[] = [];
  let mood: Mood | null = null;
  let left = 0;
  let port = 0;
  const takeMood = (): Mood | null => {
    if (mood === null || left === 0) return null;
    left -= 1;
    return mood;
  };
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const now = takeMood();
    const usual = now?.reply ?? reply(request);
    const isSilent = now?.answer === 'hang' || now?.answer === 'cut';
    received.push({ ...request, status: isSilent ? 0 : usual.status });
    if (received.length > MOST_KEPT) received.shift();
    if (now?.delayMs !== undefined) await wait(now.delayMs, undefined, { ref: false });
    if (now?.answer === 'hang') return;
    if (now?.answer === 'cut') return void incoming.socket.destroy();
    outgoing.writeHead(usual.status, { ...usual.headers });
    if (now?.answer === 'slow-body') return void outgoing.write('{');
    if (now?.answer === 'flood') return flood(outgoing);
    outgoing.end(usual.body ?? '');
  }
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy()); // the caller left in the middle
  };
  const open = (): Server => (tls === undefined ? createServer(listener) : createTlsServer(tls, listener));
  let server = open();
  async function powerOn(): Promise<void> {
    if (server.listening) return;
    server = open();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = address !== null && typeof address === 'object' ? address.port : 0;
  }
  async function powerOff(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
  await powerOn();
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received: () => received,
    clear: () => void received.splice(0),
    setMood(next) {
      mood = next;
      left = next?.times ?? Number.POSITIVE_INFINITY;
    },
    powerOff,
    powerOn,
    [Symbol.asyncDispose]: powerOff,
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Omit<Received, 'status'>> {
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) if (body.length < MOST_BODY) body += chunk;
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const { method = '', url: target = '' } = incoming;
  return { at: Date.now(), method, target, headers: Object.fromEntries(headers), body };
}

function flood(outgoing: ServerResponse): void {
  const more = (): void => {
    while (!outgoing.destroyed && outgoing.write('x'.repeat(65_536)));
  };
  outgoing.on('drain', more);
  more();
}

// What the simulator's tests share: calls with a token, a socket that collects, and waiting for a condition.
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** An Authorization header with all five parts. */
function header(token: string, device = 'test'): string {
  return `MediaBrowser ${token === '' ? '' : `Token="${token}", `}Client="Test", Device="${device}", DeviceId="${device}-id", Version="1.0"`;
}

export type Answered = { readonly status: number; readonly type: string; readonly text: string; readonly json: unknown };

/** One user's programs need device ids of their own: sessions with the same client and device id are one. */
export async function logIn(url: string, user: string): Promise<string> {
  const headers = { Authorization: header('', user), 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/Users/AuthenticateByName`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ Username: user, Pw: `${user}pw` }),
  });
  return ((await response.json()) as { AccessToken: string }).AccessToken;
}

export async function ask(url: string, method: string, token: string, body?: unknown): Promise<Answered> {
  const headers = { Authorization: header(token), 'Content-Type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return answered(response);
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, text, json: type.includes('json') && text !== '' ? JSON.parse(text) : null };
}

/** Polls until `condition` holds; throws after `limitMs`, which is generous: nothing may depend on a fast machine. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(20);
  }
}

export type Listener = AsyncDisposable & {
  readonly heard: { readonly MessageType: string; readonly Data?: unknown; readonly at: number }[];
  readonly refused: number | null;
  readonly closed: () => boolean;
  send(message: unknown): void;
  count(type: string): number;
};

/** Resolves when the socket is open, or was refused. */
export async function listen(url: string, token: string, device = 'socket'): Promise<Listener> {
  const heard: Listener['heard'] = [];
  const state: { refused: number | null; closed: boolean } = { refused: null, closed: false };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, { headers: { Authorization: header(token, device) } });
  socket.on('message', (data) => heard.push({ ...JSON.parse(String(data)), at: performance.now() }));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.closed = true;
  });
  await new Promise<void>((resolve) => {
    socket.on('open', () => resolve());
    socket.on('unexpected-response', (_request, response) => {
      state.refused = response.statusCode ?? 0;
      resolve();
    });
  });
  return {
    heard,
    refused: state.refused,
    closed: () => state.closed,
    send: (message) => socket.send(JSON.stringify(message)),
    count: (type) => heard.filter((message) => message.MessageType === type).length,
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  };
}

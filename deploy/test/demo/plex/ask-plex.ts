// What the tests of the simulated Plex share: raw requests, a socket that collects, and waiting for a condition.
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { PlexSimulator } from '../../../demo/plex/plex-simulator.ts';

type Json = Readonly<Partial<Record<'Metadata' | 'Setting' | 'Player' | 'sessionKey' | 'viewOffset' | 'state', unknown>>> & {
  readonly [name: string]: unknown;
};
export type Answered = { readonly status: number; readonly type: string; readonly text: string; readonly container: Json };

type Asking = {
  readonly method?: string;
  /** Default the owner's; null: none. */
  readonly token?: string | null;
  readonly accept?: string;
};

export async function ask(sim: PlexSimulator, path: string, asking: Asking = {}): Promise<Answered> {
  const { method = 'GET', token = sim.token, accept = 'application/json' } = asking;
  const headers = { Accept: accept, ...(token === null ? {} : { 'X-Plex-Token': token }) };
  const response = await fetch(`${sim.url}${path}`, { method, headers, signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const container = type === 'application/json' && text.endsWith('}}') ? (JSON.parse(text).MediaContainer as Json) : {};
  return { status: response.status, type, text, container };
}

/** What is listed now, each entry as loose as it came. */
export async function listed(sim: PlexSimulator): Promise<readonly Json[]> {
  const { container } = await ask(sim, '/status/sessions');
  return (container.Metadata as readonly Json[] | undefined) ?? [];
}

/** Polls until `condition` holds; throws after `limitMs`, which is generous: nothing may depend on a fast machine. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(10);
  }
}

export type Heard = { readonly type: string; readonly size: number } & Json;
export type Listener = AsyncDisposable & {
  readonly heard: readonly Heard[];
  /** Status of the page that came instead of a socket. */
  readonly refused: number | null;
  closed(): boolean;
  ping(): Promise<void>;
  /** The first entries of all `playing` notifications. */
  playing(): readonly Json[];
};

/** Resolves when the socket is open, or was refused. */
export async function listen(sim: PlexSimulator, token: string | null = sim.token, query = ''): Promise<Listener> {
  const heard: Heard[] = [];
  const state: { refused: number | null; closed: boolean } = { refused: null, closed: false };
  const headers = token === null ? {} : { 'X-Plex-Token': token };
  const socket = new WebSocket(`${sim.url.replace('http', 'ws')}/:/websockets/notifications${query}`, { headers });
  socket.on('message', (data) => heard.push(JSON.parse(String(data)).NotificationContainer));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.closed = true;
  });
  await new Promise<void>((resolve) => {
    socket.on('open', () => resolve());
    socket.on('unexpected-response', (_request, response) => {
      state.refused = response.statusCode ?? 0;
      response.resume();
      resolve();
    });
  });
  return {
    heard,
    refused: state.refused,
    closed: () => state.closed,
    ping: () =>
      new Promise((resolve) => {
        socket.once('pong', () => resolve());
        socket.ping();
      }),
    playing: () =>
      heard
        .filter(({ type }) => type === 'playing')
        .map(({ PlaySessionStateNotification: entries }) => (entries as readonly Json[])[0] ?? {}),
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  };
}

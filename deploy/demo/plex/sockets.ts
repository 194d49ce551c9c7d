// The notifications' WebSocket: no snapshot at the start, no ping of its own, every kind of news through one socket.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Answer, type Element, errorPage, reasonOf } from './answer.ts';
import { type Caller, type EntranceNeed, readRequest } from './entrance.ts';

export type Sockets = {
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** One container with one list, as Plex sends it. */
  tell(type: string, list: string | null, entries: readonly Element[]): void;
  refuse(on: boolean): void;
  mute(on: boolean): void;
  drop(): void;
  count(): number;
};

const paths: readonly string[] = ['/:/websockets/notifications', '/:/websocket/notifications'];

/** A page instead of a socket. */
function answerUpgrade(stream: Duplex, { status, type, body }: Answer): void {
  const head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}`;
  stream.end(`${head}\r\nX-Plex-Protocol: 1.0\r\nConnection: close\r\n\r\n${body}`, () => stream.destroy());
}

export function createSockets(need: EntranceNeed & { readonly answersPings: boolean }): Sockets {
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, autoPong: need.answersPings });
  // A shared user hears of his own plays only, and ours plays nothing.
  const sockets = new Map<WebSocket, 'owner' | 'guest'>();
  const hanging = new Set<Duplex>();
  const state = { refused: false, muted: false };
  const refusal = (caller: Caller, path: string): Answer | null => {
    if (need.faults.failingWith !== null) return errorPage(need.faults.failingWith);
    if (state.refused) return errorPage(503);
    if (caller === null) return errorPage(401);
    return paths.includes(path) ? null : errorPage(404);
  };
  return {
    upgrade(request, stream, head) {
      const { path, query, caller } = readRequest(need, request.url ?? '/', request.headers);
      const page = refusal(caller, path);
      const status = need.faults.stalled ? 0 : (page?.status ?? 101);
      need.log.record({ method: 'GET', path, query, headers: request.headers, status });
      stream.on('error', () => undefined);
      if (need.faults.stalled) return void hanging.add(stream);
      if (page || caller === null) return answerUpgrade(stream, page ?? errorPage(401));
      upgrades.handleUpgrade(request, stream, head, (socket) => {
        sockets.set(socket, caller);
        socket.on('close', () => sockets.delete(socket));
        socket.on('error', () => undefined);
      });
    },
    tell(type, list, entries) {
      if (state.muted || need.faults.stalled) return;
      const content = list === null ? {} : { [list]: entries };
      const message = JSON.stringify({ NotificationContainer: { type, size: entries.length, ...content } });
      for (const [socket, caller] of sockets) if (caller === 'owner' && socket.readyState === socket.OPEN) socket.send(message);
    },
    refuse(on) {
      state.refused = on;
    },
    mute(on) {
      state.muted = on;
    },
    drop() {
      for (const socket of sockets.keys()) socket.terminate();
      sockets.clear();
      for (const stream of hanging) stream.destroy();
      hanging.clear();
    },
    count: () => sockets.size,
  };
}

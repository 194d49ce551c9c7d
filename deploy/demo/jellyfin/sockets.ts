// The /socket of the server: who gets in, what a subscriber hears and when, and what becomes of the silent (facts/jellyfin.md §4, §10).
import type { IncomingMessage, Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Identify } from './caller.ts';
import { newId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { RequestLog } from './request-log.ts';
import type { Caller } from './route-table.ts';
import type { Session, SessionEvent, Sessions } from './sessions.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type Sockets = {
  attach(server: Server): void;
  /** True: upgrades are refused with 503, as a proxy without WebSocket does. */
  refuse(on: boolean): void;
  /** Cuts all, without a closing handshake. */
  drop(): void;
  /** Keeps all open and never sends again: a half-dead connection. */
  mute(on: boolean): void;
  count(): number;
  /** To the sockets of one user's tokens; never to a key's. */
  toUser(userId: string, message: Dto): void;
  toAll(message: Dto): void;
  /** With 1001, as a server that shuts down. */
  closeAll(): void;
};

export type SocketsNeed = {
  readonly identify: Identify;
  readonly sessions: Sessions;
  readonly behaviour: JellyfinBehaviour;
  readonly log: RequestLog;
  /** 60 s at the real server; ForceKeepAlive again at four fifths of it. */
  readonly silenceMs: number;
};

type Connection = {
  readonly socket: WebSocket;
  readonly caller: Caller;
  readonly session: Session;
  readonly deliver: (message: Dto) => void;
  lost: boolean;
  keepAlive: { readonly warn: NodeJS.Timeout; readonly lose: NodeJS.Timeout } | null;
  readonly subscriptions: { readonly intervalMs: number; sentAt: number }[];
};

/** Data is one string "delayMs,intervalMs"; the delay is ignored. Null for anything else: no error, no messages. */
function parseInterval(data: unknown): number | null {
  const match = typeof data === 'string' ? /^\d+,(\d+)$/.exec(data) : null;
  return match ? Number(match[1]) : null;
}

function visibleSessions(need: SocketsNeed, caller: Caller): Dto[] {
  const own = (session: Session) => session.owner.userId === null || session.owner.userId === caller.user?.id;
  const shown = need.sessions.list().filter((session) => caller.isAdministrator || own(session));
  return shown.map((session) => need.sessions.dto(session, caller.isAdministrator));
}

export function createSockets(need: SocketsNeed): Sockets {
  const connections = new Set<Connection>();
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const state = { refused: false, muted: false };

  const send = (connection: Connection, message: Dto) => {
    if (connection.lost || state.muted || connection.socket.readyState !== connection.socket.OPEN) return;
    connection.socket.send(JSON.stringify({ MessageId: newId(), ...message }));
  };
  const pushSessions = (event: SessionEvent) => {
    for (const connection of connections)
      for (const subscription of connection.subscriptions) {
        if (event === 'automated' && performance.now() - subscription.sentAt < subscription.intervalMs) continue;
        subscription.sentAt = performance.now();
        send(connection, { Data: visibleSessions(need, connection.caller), MessageType: 'Sessions' });
      }
  };
  const leave = (connection: Connection, ended: boolean) => {
    if (!connections.delete(connection)) return;
    clearTimeout(connection.keepAlive?.warn);
    clearTimeout(connection.keepAlive?.lose);
    connection.session.sockets.delete(connection.deliver);
    // A closed socket ends its session at once; one that only fell silent leaves a ghost behind.
    if (ended && connection.session.sockets.size === 0) need.sessions.end(connection.session);
    else need.sessions.changed('now');
  };
  const watch = (connection: Connection) => {
    clearTimeout(connection.keepAlive?.warn);
    clearTimeout(connection.keepAlive?.lose);
    const warn = setTimeout(() => send(connection, { Data: 60, MessageType: 'ForceKeepAlive' }), need.silenceMs * 0.8);
    const lose = setTimeout(() => {
      leave(connection, false);
      connection.lost = true;
      if (need.behaviour.closesLostSockets) connection.socket.terminate();
    }, need.silenceMs);
    connection.keepAlive = { warn, lose };
  };
  const hear = (connection: Connection, data: string) => {
    const message = parseMessage(data);
    if (message.MessageType === 'KeepAlive') {
      watch(connection);
      send(connection, { MessageType: 'KeepAlive' });
    }
    if (message.MessageType === 'SessionsStart') {
      const intervalMs = parseInterval(message.Data);
      const allowed =
        need.behaviour.everybodySubscribes ||
        (connection.caller.isAdministrator && !(need.behaviour.keySocketIsMute && connection.caller.kind === 'key'));
      if (intervalMs !== null && allowed) connection.subscriptions.push({ intervalMs, sentAt: performance.now() });
    }
    if (message.MessageType === 'SessionsStop') connection.subscriptions.pop();
  };
  const arrive = (socket: WebSocket, caller: Caller, session: Session) => {
    const connection: Connection = {
      socket,
      caller,
      session,
      deliver: (message) => send(connection, message),
      lost: false,
      keepAlive: null,
      subscriptions: [],
    };
    connections.add(connection);
    session.sockets.add(connection.deliver);
    session.hadSocket = true;
    socket.on('message', (data) => hear(connection, String(data)));
    socket.on('close', () => leave(connection, true));
    socket.on('error', () => undefined);
    send(connection, { Data: 60, MessageType: 'ForceKeepAlive' });
    watch(connection);
    need.sessions.changed('now');
  };
  need.sessions.onChange(pushSessions);
  return {
    attach: (server) =>
      void server.on('upgrade', (request: IncomingMessage, stream, head) => {
        const url = new URL(request.url ?? '/', 'http://jellyfin');
        const caller = need.identify(request, url.searchParams);
        const session = caller.session;
        const status = state.refused ? 503 : session ? 101 : 403;
        need.log.record({ method: 'GET', path: url.pathname, status, by: 'socket' });
        stream.on('error', () => undefined);
        if (state.refused || !session)
          stream.end(
            `HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Service Unavailable'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          );
        else upgrades.handleUpgrade(request, stream, head, (socket) => arrive(socket, caller, session));
      }),
    refuse(on) {
      state.refused = on;
    },
    drop() {
      for (const connection of [...connections]) connection.socket.terminate();
    },
    mute(on) {
      state.muted = on;
    },
    count: () => connections.size,
    toUser(userId, message) {
      for (const connection of connections) if (connection.caller.user?.id === userId) send(connection, message);
    },
    toAll(message) {
      for (const connection of connections) send(connection, message);
    },
    closeAll() {
      for (const connection of [...connections]) {
        leave(connection, false);
        connection.socket.close(1001);
        connection.socket.terminate();
      }
    },
  };
}

function parseMessage(data: string): { readonly MessageType?: unknown; readonly Data?: unknown } {
  try {
    const message: unknown = JSON.parse(data);
    return message !== null && typeof message === 'object' ? message : {};
  } catch {
    return {};
  }
}

// The /socket of the server: who gets in, and who hears what.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Identify } from './caller.ts';
import type { Dto } from './item-dto.ts';
import type { RequestLog } from './request-log.ts';
import type { Caller } from './route-table.ts';
import type { Session, Sessions } from './sessions.ts';
import { type Connection, openConnection } from './socket-connection.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type Sockets = {
  attach(server: Server): void;
  /** True: upgrades are refused with 503, as a proxy without WebSocket does. */
  refuse(on: boolean): void;
  /** Cuts all, without a closing handshake. */
  drop(): void;
  /** Keeps all open and never sends again: a half-dead connection. */
  mute(on: boolean): void;
  /** The next one that is accepted is closed with 1000 after 14 ms: seen once where another of the same session had just ended. */
  closeNext(): void;
  count(): number;
  /** To the sockets of one user's tokens, and of sessions that this user was added to. */
  toUser(userId: string, message: Dto): void;
  /** To the sockets of administrators' tokens; never to a key's. */
  toAdministrators(message: Dto): void;
  toAll(message: Dto): void;
  /** The server goes down: all are cut, and no session ends by that. */
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

/** Admins and keys see all, others their own and those without a user. */
function visibleSessions(sessions: Sessions, caller: Caller): Dto[] {
  const mine = (session: Session) => session.owner.userId === null || session.owner.userId === caller.user?.id;
  const shown = sessions.list().filter((session) => caller.isAdministrator || mine(session));
  return shown.map((session) => sessions.dto(session, caller.isAdministrator));
}

function refuseUpgrade(stream: Duplex, status: 403 | 503): void {
  const reason = status === 403 ? 'Forbidden' : 'Service Unavailable';
  stream.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

export function createSockets(need: SocketsNeed): Sockets {
  const { sessions } = need;
  const connections = new Set<Connection>();
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const state = { refused: false, muted: false, closeNext: false };
  const left = (connection: Connection, how: 'closed' | 'silent') => {
    if (!connections.delete(connection)) return;
    connection.stopWatching();
    const { session } = connection;
    session.sockets.delete(connection.send);
    if (how === 'closed' && session.sockets.size === 0) sessions.end(session);
    else sessions.changed('now');
  };
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://jellyfin');
    const caller = need.identify(request, url.searchParams);
    const { session } = caller;
    const status = state.refused ? 503 : session ? 101 : 403;
    need.log.record({ method: 'GET', path: url.pathname, status, by: 'socket' });
    stream.on('error', () => undefined);
    if (state.refused || !session) return refuseUpgrade(stream, state.refused ? 503 : 403);
    upgrades.handleUpgrade(request, stream, head, (socket) => {
      const connection = openConnection({ ...need, socket, caller, session, muted: () => state.muted, left });
      connections.add(connection);
      session.sockets.add(connection.send);
      session.hadSocket = true;
      sessions.changed('now');
      if (state.closeNext) setTimeout(() => socket.close(1000), 14);
      state.closeNext = false;
    });
  };
  sessions.onChange((event) => {
    for (const connection of connections) connection.push(event, () => visibleSessions(sessions, connection.caller));
  });
  return {
    attach: (server) => void server.on('upgrade', upgrade),
    refuse(on) {
      state.refused = on;
    },
    drop() {
      for (const connection of [...connections]) connection.cut();
    },
    mute(on) {
      state.muted = on;
    },
    closeNext() {
      state.closeNext = true;
    },
    count: () => connections.size,
    toUser(userId, message) {
      const hears = ({ caller, session }: Connection) =>
        caller.user?.id === userId || session.guests.some(({ id }) => id === userId);
      for (const connection of connections) if (hears(connection)) connection.send(message);
    },
    toAdministrators(message) {
      for (const connection of connections) if (connection.caller.user?.policy.IsAdministrator) connection.send(message);
    },
    toAll(message) {
      for (const connection of connections) connection.send(message);
    },
    closeAll() {
      for (const connection of [...connections]) {
        left(connection, 'silent');
        connection.cut();
      }
    },
  };
}

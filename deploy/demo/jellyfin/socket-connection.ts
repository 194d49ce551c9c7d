// One accepted socket: its subscription to sessions, its keep-alive, and what becomes of a silent one (facts/jellyfin.md §4, §10).
import type { WebSocket } from 'ws';
import { newId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Caller } from './route-table.ts';
import type { Session, SessionEvent } from './sessions.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type Connection = {
  readonly caller: Caller;
  readonly session: Session;
  send(message: Dto): void;
  /** To each subscription of this socket that wants to hear of it now. */
  push(event: SessionEvent, sessions: () => readonly Dto[]): void;
  cut(): void;
  stopWatching(): void;
};

export type ConnectionNeed = {
  readonly socket: WebSocket;
  readonly caller: Caller;
  readonly session: Session;
  readonly behaviour: JellyfinBehaviour;
  readonly silenceMs: number;
  readonly muted: () => boolean;
  /** `silent` where the player neither spoke nor closed: its session stays as a ghost. */
  readonly left: (connection: Connection, how: 'closed' | 'silent') => void;
};

type Message = { readonly MessageType?: unknown; readonly Data?: unknown };

function parseMessage(data: string): Message {
  try {
    const message: unknown = JSON.parse(data);
    return message !== null && typeof message === 'object' ? message : {};
  } catch {
    return {};
  }
}

/** Data is one string "delayMs,intervalMs"; the delay is ignored. Null for anything else: no error, no messages. */
function parseInterval(data: unknown): number | null {
  const match = typeof data === 'string' ? /^\d+,(\d+)$/.exec(data) : null;
  return match ? Number(match[1]) : null;
}

/** 10.9 lets admins subscribe, and a key fails without a word, as a 10.10 may; from 10.11 everybody. */
function maySubscribe(caller: Caller, behaviour: JellyfinBehaviour): boolean {
  if (behaviour.everybodySubscribes) return true;
  return caller.isAdministrator && !(behaviour.keySocketIsMute && caller.kind === 'key');
}

/** Says ForceKeepAlive first, as the server does. */
export function openConnection(need: ConnectionNeed): Connection {
  const { socket, caller, session, behaviour, silenceMs } = need;
  const subscriptions: { readonly intervalMs: number; sentAt: number }[] = [];
  let lost = false;
  let timers: readonly NodeJS.Timeout[] = [];
  const send = (message: Dto) => {
    if (!lost && !need.muted() && socket.readyState === socket.OPEN)
      socket.send(JSON.stringify({ MessageId: newId(), ...message }));
  };
  const forceKeepAlive = () => send({ Data: 60, MessageType: 'ForceKeepAlive' });
  const stopWatching = () => {
    for (const timer of timers) clearTimeout(timer);
  };
  const lose = () => {
    need.left(connection, 'silent');
    lost = true;
    if (behaviour.closesLostSockets) socket.terminate();
  };
  const watch = () => {
    stopWatching();
    // Seen: a second ForceKeepAlive at 48 s, the end at 60 s.
    timers = [setTimeout(forceKeepAlive, silenceMs * 0.8), setTimeout(lose, silenceMs)];
  };
  const connection: Connection = {
    caller,
    session,
    send,
    push(event, sessions) {
      for (const subscription of subscriptions) {
        if (event === 'automated' && performance.now() - subscription.sentAt < subscription.intervalMs) continue;
        subscription.sentAt = performance.now();
        send({ Data: sessions(), MessageType: 'Sessions' });
      }
    },
    cut: () => socket.terminate(),
    stopWatching,
  };
  socket.on('message', (data) => {
    const message = parseMessage(String(data));
    if (message.MessageType === 'KeepAlive') {
      watch();
      send({ MessageType: 'KeepAlive' });
    }
    const intervalMs = message.MessageType === 'SessionsStart' ? parseInterval(message.Data) : null;
    // A second SessionsStart doubles the messages.
    if (intervalMs !== null && maySubscribe(caller, behaviour)) subscriptions.push({ intervalMs, sentAt: performance.now() });
    if (message.MessageType === 'SessionsStop') subscriptions.pop();
  });
  socket.on('close', () => need.left(connection, 'closed'));
  socket.on('error', () => undefined);
  forceKeepAlive();
  watch();
  return connection;
}

// Persistent sessions: who owns which client id, and what it is subscribed to.
import { z } from 'zod';
import type { BrokerLimits } from '../broker-limits.ts';
import { matches } from '../topic-filter.ts';
import type { DurableCopy } from './durable-copy.ts';
import { readRow } from './stored-packet.ts';

/** `rh`, `rap` and `nl` are MQTT 5's options, kept as aedes hands them over. */
export type Subscription = {
  readonly topic: string;
  readonly qos: number;
  readonly rh?: number | undefined;
  readonly rap?: boolean | undefined;
  readonly nl?: boolean | undefined;
  readonly subscriptionIdentifier?: number;
};

export type Sessions = {
  restore(): Promise<void>;
  /** Notes that a user connects under a client id; false when another user's session has it, whose messages it would get. */
  claim(clientId: string, owner: string): boolean;
  /** True when something changed, so that the copy is worth waiting for. */
  subscribe(clientId: string, subscriptions: readonly Subscription[]): boolean;
  unsubscribe(clientId: string, filters: readonly string[]): boolean;
  forget(clientId: string): boolean;
  of(clientId: string): readonly Subscription[];
  /** Subscriptions of QoS 1 and 2 that a topic reaches, wildcards first. */
  reachedBy(topic: string): readonly (Subscription & { readonly clientId: string })[];
  subscribers(filter: string): readonly string[];
  ownedByOthers(names: ReadonlySet<string>): readonly string[];
  count(): { readonly sessions: number; readonly subscriptions: number };
};

export type SessionsDeps = {
  readonly copy: DurableCopy;
  readonly limits: BrokerLimits;
  readonly isConnected: (clientId: string) => boolean;
  /** A session was dropped to make room. */
  readonly onEvicted: (clientId: string) => void;
};

type Session = { readonly owner: string; readonly subscriptions: Map<string, Subscription> };

const storedSession = z.object({
  owner: z.string(),
  subscriptions: z.array(
    z.object({
      topic: z.string(),
      qos: z.number(),
      rh: z.number().optional(),
      rap: z.boolean().optional(),
      nl: z.boolean().optional(),
    }),
  ),
});

type Shelf = SessionsDeps & {
  /** In the order of the last connect, so that the first absent one is the one to go. */
  readonly sessions: Map<string, Session>;
  /** Owners of client ids by their last connect, also of those without a session. */
  readonly owners: Map<string, string>;
};

export function createSessions(deps: SessionsDeps): Sessions {
  const shelf: Shelf = { ...deps, sessions: new Map(), owners: new Map() };
  const { sessions } = shelf;
  return {
    restore: () => restore(shelf),
    claim: (clientId, owner) => claim(shelf, clientId, owner),
    subscribe: (clientId, subscriptions) => subscribe(shelf, clientId, subscriptions),
    unsubscribe(clientId, filters) {
      const session = sessions.get(clientId);
      const gone = filters.filter((filter) => session?.subscriptions.delete(filter) === true);
      if (session?.subscriptions.size === 0) return forget(shelf, clientId);
      if (gone.length > 0) save(shelf, clientId);
      return gone.length > 0;
    },
    forget: (clientId) => forget(shelf, clientId),
    of: (clientId) => [...(sessions.get(clientId)?.subscriptions.values() ?? [])],
    reachedBy: (topic) => reachedBy(sessions, topic),
    subscribers: (filter) =>
      [...sessions].filter(([, session]) => session.subscriptions.has(filter)).map(([clientId]) => clientId),
    ownedByOthers: (names) => [...sessions].filter(([, { owner }]) => !names.has(owner)).map(([clientId]) => clientId),
    count: () => ({
      sessions: sessions.size,
      subscriptions: [...sessions.values()].flatMap((one) => [...one.subscriptions.values()].filter(({ qos }) => qos > 0)).length,
    }),
  };
}

async function restore({ copy, sessions }: Shelf): Promise<void> {
  for (const [clientId, text] of await copy.load('session')) {
    const stored = readRow(storedSession, text);
    if (stored === undefined) continue;
    const subscriptions = new Map(stored.subscriptions.map((one) => [one.topic, one]));
    sessions.set(clientId, { owner: stored.owner, subscriptions });
  }
}

function claim({ sessions, owners, isConnected, limits }: Shelf, clientId: string, owner: string): boolean {
  const session = sessions.get(clientId);
  const holder = session?.owner ?? (isConnected(clientId) ? owners.get(clientId) : undefined);
  if (holder !== undefined && holder !== owner) return false;
  owners.delete(clientId);
  owners.set(clientId, owner);
  const [oldest] = owners.keys();
  if (owners.size > 4 * limits.connections && oldest !== undefined) owners.delete(oldest);
  if (session !== undefined) {
    sessions.delete(clientId);
    sessions.set(clientId, session);
  }
  return true;
}

function subscribe(shelf: Shelf, clientId: string, subscriptions: readonly Subscription[]): boolean {
  const session = open(shelf, clientId);
  let changed = false;
  for (const { topic, qos, rh, rap, nl, subscriptionIdentifier } of subscriptions) {
    const wish = { topic, qos, rh, rap, nl, ...(subscriptionIdentifier !== undefined && { subscriptionIdentifier }) };
    if (isEqual(session.subscriptions.get(topic), wish)) continue;
    if (!session.subscriptions.has(topic) && session.subscriptions.size >= shelf.limits.subscriptionsPerSession) continue;
    session.subscriptions.set(topic, wish);
    changed = true;
  }
  if (changed) save(shelf, clientId);
  return changed;
}

function open(shelf: Shelf, clientId: string): Session {
  const { sessions, owners, limits, isConnected, onEvicted } = shelf;
  const session = sessions.get(clientId) ?? { owner: owners.get(clientId) ?? '', subscriptions: new Map() };
  sessions.set(clientId, session);
  const absent = sessions.size > limits.sessions ? sessions.keys().find((id) => id !== clientId && !isConnected(id)) : undefined;
  if (absent !== undefined) {
    forget(shelf, absent);
    onEvicted(absent);
  }
  return session;
}

function save({ copy, sessions }: Shelf, clientId: string): void {
  const session = sessions.get(clientId);
  const text = (): string => JSON.stringify({ ...session, subscriptions: [...(session?.subscriptions.values() ?? [])] });
  copy.put('session', clientId, session === undefined ? null : text, 0);
}

function forget(shelf: Shelf, clientId: string): boolean {
  const known = shelf.sessions.delete(clientId);
  if (known) save(shelf, clientId);
  return known;
}

function reachedBy(sessions: ReadonlyMap<string, Session>, topic: string): readonly (Subscription & { clientId: string })[] {
  const wild: (Subscription & { clientId: string })[] = [];
  const exact: typeof wild = [];
  for (const [clientId, session] of sessions) {
    for (const { topic: filter, qos, rh, rap, nl } of session.subscriptions.values())
      if (qos > 0 && matches(filter, topic))
        (filter === topic ? exact : wild).push({ clientId, topic: filter, qos, rh, rap, nl });
  }
  return [...wild, ...exact];
}

const isEqual = (stands: Subscription | undefined, wish: Subscription): boolean =>
  stands !== undefined &&
  stands.qos === wish.qos &&
  stands.rh === wish.rh &&
  stands.rap === wish.rap &&
  stands.nl === wish.nl &&
  stands.subscriptionIdentifier === wish.subscriptionIdentifier;

// aedes' hooks: who may come in, say and hear what. Decisions come from broker-access.ts; here they meet aedes' calls.
import type { Aedes, AedesOptions, AuthenticateError, Client, Subscription } from 'aedes';
import type { Clock } from '../clock.ts';
import { mayPublish, mayReceive, maySubscribe } from './broker-access.ts';
import type { BrokerLimits } from './broker-limits.ts';
import type { BrokerUsers, KnownUser } from './broker-users.ts';
import type { LogOnce } from './log-once.ts';
import { createLoginThrottle, type LoginThrottle } from './login-throttle.ts';
import type { BrokerPersistence } from './persistence/broker-persistence.ts';
import { createPacer, type Pacer } from './token-bucket.ts';

/** CONNACK codes of MQTT 3.1.1 §3.2.2.3. */
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_USER_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

/**
 * Where a refused message goes: nobody can subscribe it. MQTT 3.1.1 §3.3.5 lets a server acknowledge and drop, or cut the connection;
 * cutting would take all of Home Assistant down for one automation that publishes to a wrong topic.
 */
const REFUSED_TOPIC = '$headgate/refused';

type Guest = { readonly user: KnownUser; readonly pace: Pacer; readonly filters: Set<string> };

export type BrokerHooksDeps = {
  readonly users: BrokerUsers;
  readonly persistence: BrokerPersistence;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly once: LogOnce;
  readonly limits: BrokerLimits;
};

type HookNames = 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward';

export type BrokerHooks = {
  readonly hooks: Required<Pick<AedesOptions, HookNames>>;
  /** aedes stores the refused filters of a SUBSCRIBE with the granted ones; its persistence is asked through this. */
  mayKeep(client: Client, filter: string): boolean;
  /** Keeps the books that no hook sees. */
  watch(broker: Aedes): void;
  readonly refused: { logins: number; publishes: number; subscriptions: number };
};

type Door = BrokerHooksDeps & {
  readonly throttle: LoginThrottle;
  readonly guests: WeakMap<Client, Guest>;
  /** Topic of the will that a connecting client brought. */
  readonly wills: WeakMap<Client, string>;
  readonly refused: BrokerHooks['refused'];
};

export function createBrokerHooks(deps: BrokerHooksDeps): BrokerHooks {
  const refused = { logins: 0, publishes: 0, subscriptions: 0 };
  const door: Door = { ...deps, throttle: createLoginThrottle(), guests: new WeakMap(), wills: new WeakMap(), refused };
  const { guests, wills } = door;
  return {
    refused,
    hooks: {
      preConnect(client, packet, done) {
        if (packet.will !== undefined) wills.set(client, packet.will.topic);
        if (packet.protocolVersion === 5) tellVersion(door, client);
        done(null, true);
      },
      authenticate(client, name, password, done) {
        const answer = admit(door, client, name ?? '', password ?? Buffer.alloc(0));
        if (typeof answer !== 'number') return done(null, true);
        refused.logins += 1;
        done(Object.assign(new Error('refused'), { returnCode: answer }) as AuthenticateError, null);
      },
      authorizePublish: (client, packet, done) => authorizePublish(door, client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, authorizeSubscribe(door, client, subscription)),
      authorizeForward(client, packet) {
        const guest = guests.get(client);
        return guest !== undefined && mayReceive(guest.user.rights, packet.topic) ? packet : null;
      },
    },
    mayKeep: (client, filter) => guests.get(client)?.filters.has(filter) === true,
    watch(broker) {
      broker.on('unsubscribe', (filters, client) => {
        for (const filter of filters) guests.get(client)?.filters.delete(filter);
      });
    },
  };
}

/** The guest, or the CONNACK code that refuses it. */
function admit(door: Door, client: Client, name: string, password: Uint8Array): Guest | number {
  const { users, persistence, clock, once, limits, throttle, guests, wills } = door;
  const address = addressOf(client);
  // All unknown names share one count, else guessing names would be free.
  const counted = users.names.has(name) ? name : '';
  const fields = { address, user: counted === '' ? '(unknown)' : name, client: client.id };
  if (throttle.waitMs(address, counted, clock.monotonic()) > 0) return SERVER_UNAVAILABLE;
  const user = users.logIn(name, password);
  if (user === undefined) {
    throttle.failed(address, counted, clock.monotonic());
    once.warn(`login ${address} ${counted}`, fields, 'MQTT client refused: wrong user name or password');
    return BAD_USER_OR_PASSWORD;
  }
  throttle.succeeded(address, counted);
  once.forget(`login ${address} ${counted}`);
  const will = wills.get(client);
  if (will !== undefined && !mayPublish(user.rights, will)) {
    once.warn(
      `will ${name} ${will}`,
      { ...fields, topic: will },
      'MQTT client refused: its user may not publish to the topic of its last will',
    );
    return NOT_AUTHORIZED;
  }
  if (!isClientId(client.id) || !persistence.sessions.claim(client.id, user.name)) {
    once.warn(`id ${name} ${client.id}`, fields, "MQTT client refused: its client id is another user's, or not plain text");
    return IDENTIFIER_REJECTED;
  }
  const guest = { user, pace: createPacer(limits.messagesPerSecond, clock), filters: new Set<string>() };
  guests.set(client, guest);
  return guest;
}

/** aedes refuses it with CONNACK 1 right after. */
function tellVersion({ once }: Door, client: Client): void {
  const text =
    'MQTT client refused: it speaks MQTT 5, the embedded broker 3.1.1. Set the client to 3.1.1, or use a broker of your own';
  once.warn(`version ${addressOf(client)}`, { address: addressOf(client) }, text);
}

/** Client ids are keys in the database and fields in logs. */
const isClientId = (id: string): boolean => /^[\x20-\x7e]{1,128}$/.test(id);

const addressOf = (client: Client): string => ('remoteAddress' in client.conn ? (client.conn.remoteAddress ?? '') : '');

type PublishHook = Required<AedesOptions>['authorizePublish'];

function authorizePublish(door: Door, ...[client, packet, done]: Parameters<PublishHook>): void {
  // A will that outlived the broker's last run: it was checked when its client connected.
  const guest = client === null ? undefined : door.guests.get(client);
  if (client === null || guest === undefined) {
    done(client === null ? null : new Error('not logged in'));
    return;
  }
  const fields = { user: guest.user.name, client: client.id, topic: packet.topic };
  if (!mayPublish(guest.user.rights, packet.topic)) {
    door.refused.publishes += 1;
    door.once.warn(
      `publish ${fields.user} ${packet.topic}`,
      fields,
      'MQTT message dropped: its user may not publish to that topic',
    );
    packet.topic = REFUSED_TOPIC;
    packet.retain = false;
  } else if (
    packet.retain &&
    packet.payload.length > 0 &&
    !door.persistence.retained.hasRoom(packet.topic, packet.payload.length)
  ) {
    door.once.warn('retained full', fields, 'too many retained MQTT messages: further ones are passed on, but not retained');
    packet.retain = false;
  }
  // What a closed connection leaves is its will: one message, at once.
  if (client.closed) done(null);
  else guest.pace(() => done(null));
}

/** The subscription, or null for "refused": 128 in the SUBACK. */
function authorizeSubscribe(door: Door, client: Client, subscription: Subscription): Subscription | null {
  const guest = door.guests.get(client);
  const { topic } = subscription;
  if (guest === undefined) return null;
  const isAllowed = maySubscribe(guest.user.rights, topic);
  if (isAllowed && (guest.filters.has(topic) || guest.filters.size < door.limits.subscriptionsPerSession)) {
    guest.filters.add(topic);
    return subscription;
  }
  door.refused.subscriptions += 1;
  const fields = { user: guest.user.name, client: client.id, filter: topic };
  const text = isAllowed
    ? 'MQTT subscription refused: too many'
    : 'MQTT subscription refused: its user may not read all of that filter';
  door.once.warn(`subscribe ${fields.user} ${topic}`, fields, text);
  return null;
}

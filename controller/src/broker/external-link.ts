// The controller's link to a broker of the user's own: connects for as long as it lives, subscribes again after each break, keeps states for later.
import type { LinkPort } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { ControllerError, isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BrokerHealth } from './broker-health.ts';
import {
  type Connection,
  type ConnectionEnd,
  DIAL_TIMINGS,
  type DialOptions,
  dial,
  type MqttVersion,
} from './mqtt-connection.ts';
import { isFilter, isTopic, matches } from './topic-filter.ts';

export type ExternalLink = AsyncDisposable & {
  readonly link: LinkPort;
  health(): BrokerHealth;
};

export type ExternalLinkDeps = {
  readonly options: DialOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Told at each change of state. */
  readonly onHealth?: (health: BrokerHealth) => void;
};

type OnMessage = Parameters<LinkPort['subscribe']>[1];
type PublishOptions = Parameters<LinkPort['publish']>[2];

/** Retained topics kept while offline; the latest of each. */
const MOST_KEPT = 2_000;
const LONGEST_WAIT_MS = 60_000;
/** A broker whose user store starts later than itself refuses everybody at first, so even "refused" is tried again, seldom. */
const REFUSED_WAIT_MS = 300_000;
/** A connection that lasted shorter counts as a failure: two programs with one client name push each other out. */
const STEADY_MS = 10_000;

type State = ExternalLinkDeps & {
  readonly handlers: Map<string, Set<OnMessage>>;
  readonly connectListeners: Set<() => void>;
  /** States (retained messages) not yet at the broker, latest only. */
  readonly kept: Map<string, { readonly payload: string; readonly options: PublishOptions }>;
  connection: Connection | undefined;
  health: BrokerHealth;
};

/**
 * Returns at once; the broker may come later. `publish` rejects while not connected, but a retained message is kept all the same, latest
 * only, and goes out at the next connect before `onConnect` is called. Everything else that was missed is its sender's to say again.
 */
export function openExternalLink(deps: ExternalLinkDeps): ExternalLink {
  const state: State = {
    ...deps,
    handlers: new Map(),
    connectListeners: new Set(),
    kept: new Map(),
    connection: undefined,
    health: { state: 'starting', since: deps.clock.now(), problem: null },
  };
  const stop = new AbortController();
  const life = stayConnected(state, stop.signal).catch((error: unknown) => {
    if (!isAbort(error)) deps.log.error({ error: messageOf(error) }, 'MQTT link ended');
  });
  return {
    link: {
      publish: (topic, payload, options) => publish(state, topic, { payload, options }),
      subscribe: (filter, onMessage) => subscribe(state, filter, onMessage),
      onConnect(listener) {
        state.connectListeners.add(listener);
        if (state.connection !== undefined) queueMicrotask(() => state.connectListeners.has(listener) && listener());
        return () => void state.connectListeners.delete(listener);
      },
    },
    health: () => state.health,
    async [Symbol.asyncDispose]() {
      await state.connection?.end();
      stop.abort();
      await life;
    },
  };
}

async function stayConnected(state: State, signal: AbortSignal): Promise<void> {
  const { options, clock } = state;
  let version: MqttVersion = 5;
  let failures = 0;
  const hear = {
    up: (connection: Connection) => void greet(state, connection, version),
    message: (topic: string, payload: Uint8Array, retained: boolean) => dispatch(state, topic, payload, retained),
  };
  while (!signal.aborted) {
    const end = await dial({ options, version, clock, hear }, signal);
    state.connection = undefined;
    if (signal.aborted) return;
    if (end.kind === 'version' || end.kind === 'silent') version = version === 5 ? 4 : 5;
    failures = end.upMs >= STEADY_MS ? 0 : failures + 1;
    // The first refusal of MQTT 5 is an expected answer, not an outage.
    if (end.kind !== 'version' || failures > 1) tell(state, healthAfter(end));
    await clock.sleep(waitAfter(end, failures, (options.timings ?? DIAL_TIMINGS).retryMs), signal);
  }
}

function healthAfter(end: ConnectionEnd): Omit<BrokerHealth, 'since'> {
  return end.kind === 'refused'
    ? { state: 'refused', problem: `the MQTT broker refuses us: ${end.reason}` }
    : { state: 'unreachable', problem: `the MQTT broker cannot be reached: ${end.reason}` };
}

/** Milliseconds, with ± 50 % jitter so that a house full of clients does not come back in one instant. */
function waitAfter(end: ConnectionEnd, failures: number, retryMs: number): number {
  if (end.kind === 'version' && failures <= 1) return 100;
  const wait =
    end.kind === 'refused' ? REFUSED_WAIT_MS : Math.min(LONGEST_WAIT_MS, retryMs * 2 ** Math.max(0, Math.min(failures - 1, 10)));
  return wait * (0.5 + Math.random());
}

function tell(state: State, { state: name, problem }: Omit<BrokerHealth, 'since'>): void {
  const changed = state.health.state !== name;
  state.health = { state: name, problem, since: changed ? state.clock.now() : state.health.since };
  if (!changed) return;
  const fields = { url: state.options.url, problem };
  if (name === 'live') state.log.info(fields, 'connected to the MQTT broker');
  else state.log.warn(fields, 'MQTT broker away; tried again by itself');
  state.onHealth?.(state.health);
}

/** After a connect, in this order: subscriptions, kept states, the listeners that say the rest. */
async function greet(state: State, connection: Connection, version: MqttVersion): Promise<void> {
  state.connection = connection;
  state.log.debug({ version }, 'MQTT connection up');
  await Promise.all(state.handlers.keys().map((filter) => subscribeAt(state, connection, filter)));
  await Promise.allSettled([...state.kept].map(([topic, message]) => deliver(state, connection, topic, message)));
  if (state.connection !== connection) return;
  tell(state, { state: 'live', problem: null });
  for (const listener of state.connectListeners) guarded(state, listener);
}

async function subscribeAt({ log }: State, connection: Connection, filter: string): Promise<void> {
  if (!(await connection.subscribe(filter)))
    log.warn({ filter }, 'the MQTT broker refuses a subscription: our user may not read that');
}

type Message = { readonly payload: string; readonly options: PublishOptions };

async function publish(state: State, topic: string, message: Message): Promise<void> {
  if (!isTopic(topic)) throw new ControllerError('input_invalid', `"${topic}" is no MQTT topic`);
  const { connection } = state;
  if (message.options.retain) {
    state.kept.delete(topic);
    state.kept.set(topic, message);
    const [oldest] = state.kept.keys();
    if (state.kept.size > MOST_KEPT && oldest !== undefined) state.kept.delete(oldest);
  }
  if (connection === undefined) throw new ControllerError('upstream_unreachable', 'the MQTT broker is not connected');
  await deliver(state, connection, topic, message);
}

async function deliver(state: State, connection: Connection, topic: string, message: Message): Promise<void> {
  await connection.publish(topic, message.payload, message.options);
  if (state.kept.get(topic) === message) state.kept.delete(topic);
}

async function subscribe(state: State, filter: string, onMessage: OnMessage): Promise<() => Promise<void>> {
  if (!isFilter(filter)) throw new ControllerError('input_invalid', `"${filter}" is no MQTT filter`);
  const handlers = state.handlers.get(filter) ?? new Set<OnMessage>();
  // A handler of its own, since one function may be given twice.
  const handler: OnMessage = (topic, payload, retained) => onMessage(topic, payload, retained);
  state.handlers.set(filter, handlers.add(handler));
  // Also for a filter that stands: the new handler needs the retained messages, which a broker sends at each SUBSCRIBE.
  if (state.connection !== undefined) await subscribeAt(state, state.connection, filter);
  return async () => {
    handlers.delete(handler);
    if (handlers.size > 0 || state.handlers.get(filter) !== handlers) return;
    state.handlers.delete(filter);
    state.connection?.unsubscribe(filter);
  };
}

function dispatch(state: State, topic: string, payload: Uint8Array, retained: boolean): void {
  for (const [filter, handlers] of state.handlers) {
    if (!matches(filter, topic)) continue;
    for (const handler of [...handlers]) guarded(state, () => handler(topic, payload, retained));
  }
}

function guarded({ log }: State, run: () => void): void {
  try {
    run();
  } catch (error) {
    log.error({ error: messageOf(error) }, 'an MQTT message could not be handled');
  }
}

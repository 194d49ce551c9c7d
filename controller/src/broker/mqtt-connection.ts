// One connection to an external broker, from dialling to its end. Never reconnects: mqtt.js can stop trying for ever (zigbee2mqtt #33150), so each try is a new client.
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Clock } from '../clock.ts';
import type { Secret } from '../config/secret.ts';
import { ControllerError } from '../errors.ts';

export type MqttVersion = 4 | 5;

export type DialOptions = {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly username: string | null;
  readonly password: Secret | null;
  /** PEM of the authority that signed the broker's certificate; null for the system's own. */
  readonly ca: string | null;
  readonly clientName: string;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly timings?: DialTimings;
};

/** How a connection ended, or why there was none. */
export type ConnectionEnd = {
  /** `version`: the broker does not speak this MQTT version. `silent`: it hung up without a word, as old brokers do at MQTT 5. */
  readonly kind: 'lost' | 'refused' | 'version' | 'silent';
  readonly reason: string;
  /** How long it was up; 0 if never. */
  readonly upMs: number;
};

export type Connection = {
  /** Rejects when refused, when the connection ends first, or after 5 s. */
  publish(topic: string, payload: string, options: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void>;
  /** False when the broker refuses the filter. */
  subscribe(filter: string): Promise<boolean>;
  unsubscribe(filter: string): void;
  /** Says goodbye properly, so that the last will is not sent. */
  end(): Promise<void>;
};

export type ConnectionListener = {
  up(connection: Connection): void;
  message(topic: string, payload: Uint8Array, retained: boolean): void;
};

export type DialTimings = typeof DIAL_TIMINGS;

export const DIAL_TIMINGS = {
  keepaliveMs: 30_000,
  connectMs: 10_000,
  /** A client that is neither up nor ended after this has latched. */
  latchedMs: 15_000,
  /** With a ping at each keepalive, something must arrive within this. */
  silentMs: 75_000,
  /** Before the second try; doubles with each failure, to a minute. */
  retryMs: 1_000,
};
const ANSWER_MS = 5_000;
/** A stop may not wait long for a broker that is frozen. */
const GOODBYE_MS = 1_000;
const MOST_UNDER_WAY = 1_000;
/** CONNACK codes, MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. */
const VERSION_CODES: readonly unknown[] = [1, 0x84];
const REFUSED_CODES: readonly unknown[] = [2, 4, 5, 0x85, 0x86, 0x87, 0x8a, 0x8c];
const SESSION_TAKEN_OVER = 0x8e;

export type DialDeps = {
  readonly options: DialOptions;
  readonly version: MqttVersion;
  readonly clock: Clock;
  readonly hear: ConnectionListener;
};

/** Resolves when the connection has ended; never rejects. The signal ends it at once. */
export async function dial({ options, version, clock, hear }: DialDeps, signal: AbortSignal): Promise<ConnectionEnd> {
  const client = mqtt.connect(options.url, optionsOf(options, version));
  const { latchedMs, silentMs } = options.timings ?? DIAL_TIMINGS;
  const startedAt = clock.monotonic();
  const lost = new AbortController();
  let upAt: number | undefined;
  let heardAt = startedAt;
  let trouble: (Error & { readonly code?: unknown }) | undefined;

  await new Promise<void>((resolve) => {
    const watchdog = setInterval(() => {
      const now = clock.monotonic();
      const isStuck = upAt === undefined ? now - startedAt > latchedMs : now - heardAt > silentMs;
      if (!isStuck) return;
      trouble ??= new Error(upAt === undefined ? 'no answer' : 'nothing heard for too long');
      finish();
    }, latchedMs / 3);
    const finish = (): void => {
      clearInterval(watchdog);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    signal.addEventListener('abort', finish);
    client.on('connect', () => {
      if (lost.signal.aborted) return;
      upAt = clock.monotonic();
      hear.up(connectionOver(client, lost.signal));
    });
    client.on('packetreceive', () => {
      heardAt = clock.monotonic();
    });
    client.on('message', (topic, payload, packet) => {
      if (!lost.signal.aborted) hear.message(topic, payload, packet.retain);
    });
    client.on('disconnect', ({ reasonCode }) => {
      if (reasonCode === SESSION_TAKEN_OVER) trouble = new Error('another client uses the same client name');
    });
    client.on('error', (error) => {
      trouble ??= error;
    });
    client.on('close', finish);
    if (signal.aborted) finish();
  });
  lost.abort();
  // Its listeners stay: mqtt.js needs its own to end, and a late error without one would end the process.
  client.end(true);
  return {
    kind: kindOf(trouble, upAt),
    reason: trouble?.message ?? 'connection closed',
    upMs: upAt === undefined ? 0 : clock.monotonic() - upAt,
  };
}

function kindOf(trouble: { readonly code?: unknown } | undefined, upAt: number | undefined): ConnectionEnd['kind'] {
  if (upAt !== undefined) return 'lost';
  if (trouble === undefined) return 'silent';
  if (VERSION_CODES.includes(trouble.code)) return 'version';
  return REFUSED_CODES.includes(trouble.code) ? 'refused' : 'lost';
}

function optionsOf(
  { username, password, ca, clientName, will, timings = DIAL_TIMINGS }: DialOptions,
  version: MqttVersion,
): IClientOptions {
  return {
    clientId: clientName,
    ...(username !== null && { username }),
    ...(password !== null && { password: password.reveal() }),
    ...(ca !== null && { ca }),
    protocolVersion: version,
    clean: true,
    keepalive: timings.keepaliveMs / 1_000,
    connectTimeout: timings.connectMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // With MQTT 5 a short break is no outage: the broker waits before it says "offline".
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: 1,
      retain: true,
      ...(version === 5 && { properties: { willDelayInterval: 5 } }),
    },
  };
}

function connectionOver(client: MqttClient, lost: AbortSignal): Connection {
  let underWay = 0;
  return {
    async publish(topic, payload, options) {
      if (underWay >= MOST_UNDER_WAY) throw new ControllerError('too_many', 'too many MQTT messages under way');
      underWay += 1;
      try {
        await answered(client.publishAsync(topic, payload, options), lost);
      } finally {
        underWay -= 1;
      }
    },
    async subscribe(filter) {
      return answered(client.subscribeAsync(filter, { qos: 1 }), lost).then(
        (granted) => granted.every(({ qos }) => qos < 0x80),
        () => lost.aborted,
      );
    },
    unsubscribe(filter) {
      client.unsubscribe(filter, () => {});
    },
    async end() {
      await answered(client.endAsync(false), lost, GOODBYE_MS).catch(() => {});
    },
  };
}

/** mqtt.js leaves callbacks of a lost connection waiting for the next one, which we never make. */
function answered<Answer>(answer: Promise<Answer>, lost: AbortSignal, mostMs = ANSWER_MS): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      lost.removeEventListener('abort', onLost);
    };
    const fail = (error: ControllerError): void => {
      done();
      reject(error);
    };
    const onLost = (): void => fail(new ControllerError('upstream_unreachable', 'the connection to the MQTT broker was lost'));
    const timer = setTimeout(() => fail(new ControllerError('timeout', 'the MQTT broker does not acknowledge')), mostMs);
    lost.addEventListener('abort', onLost);
    if (lost.aborted) onLost();
    answer.then(
      (value) => {
        done();
        resolve(value);
      },
      (cause: unknown) => fail(refusalOf(cause)),
    );
  });
}

/** A number is the broker's own reason code (MQTT 5); anything else is mqtt.js telling that the connection went. */
function refusalOf(cause: unknown): ControllerError {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'number'
    ? new ControllerError('upstream_failed', `the MQTT broker did not take it: ${cause.message}`, { cause })
    : new ControllerError('upstream_unreachable', 'the connection to the MQTT broker was lost', { cause });
}

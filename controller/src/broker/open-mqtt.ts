// MQTT for the controller, whichever broker: the embedded one or one of the user's own. The one door of this folder.
import { type LinkPort, type Presence, topicOf } from '@headgate/protocol';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Secret } from '../config/secret.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BrokerHealth } from './broker-health.ts';
import { openExternalLink } from './external-link.ts';
import { type BrokerConfig, type BrokerStats, openBroker } from './open-broker.ts';
import type { BrokerTables } from './persistence/durable-copy.ts';

export type MqttConfig = {
  readonly broker:
    | ({ readonly kind: 'embedded' } & BrokerConfig)
    | {
        readonly kind: 'external';
        readonly url: string;
        readonly username: string | null;
        readonly password: Secret | null;
        /** PEM. */
        readonly ca: string | null;
      };
  readonly baseTopic: string;
  readonly clientName: string;
};

export type Mqtt = AsyncDisposable & {
  readonly link: LinkPort;
  /** The embedded broker's port; null with an external one. */
  readonly port: number | null;
  health(): BrokerHealth;
  /** Null with an external broker. */
  stats(): BrokerStats | null;
  /** Says `controller/presence` online, now and at each later connect. Call once, when all subscriptions stand. */
  announce(): void;
};

export type MqttDeps = {
  readonly config: MqttConfig;
  /** Home Assistant's discovery prefix, which its user may read. */
  readonly discoveryPrefix: string;
  readonly tables: Kysely<BrokerTables>;
  readonly identity: { readonly version: string; readonly bootId: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly onHealth?: (health: BrokerHealth) => void;
};

/**
 * Presence goes offline by itself: by last will at an external broker, by word before a proper stop at both.
 * @throws ControllerError config_invalid where the embedded broker cannot listen. An external broker that is away is no error.
 */
export async function openMqtt(deps: MqttDeps): Promise<Mqtt> {
  const { config, identity, clock, log } = deps;
  const topic = topicOf(config.baseTopic, 'controllerPresence', {});
  const say = (state: Presence['state'], at?: number): string =>
    JSON.stringify({
      state,
      version: identity.version,
      boot_id: identity.bootId,
      ...(at !== undefined && { at: new Date(at).toISOString() }),
    });
  const variant = await openVariant(deps, { topic, payload: say('offline') });
  const { link } = variant;
  let isAnnounced = false;
  const present = async (state: Presence['state']): Promise<void> => {
    await link.publish(topic, say(state, clock.now()), { qos: 1, retain: true }).catch((error: unknown) => {
      log.debug({ error: messageOf(error) }, 'controller presence not sent');
    });
  };
  return {
    link,
    port: variant.port,
    health: variant.health,
    stats: variant.stats,
    announce() {
      if (isAnnounced) return;
      isAnnounced = true;
      link.onConnect(() => void present('online'));
    },
    async [Symbol.asyncDispose]() {
      // A clean goodbye does not fire the will.
      if (isAnnounced && variant.health().state === 'live') await present('offline');
      await variant[Symbol.asyncDispose]();
    },
  };
}

type Variant = AsyncDisposable & Pick<Mqtt, 'link' | 'port' | 'health' | 'stats'>;

async function openVariant(deps: MqttDeps, will: { readonly topic: string; readonly payload: string }): Promise<Variant> {
  const { config, discoveryPrefix, tables, clock, log, onHealth } = deps;
  if (config.broker.kind === 'external') {
    const { url, username, password, ca } = config.broker;
    const options = { url, username, password, ca, clientName: config.clientName, will };
    const external = openExternalLink({ options, clock, log, ...(onHealth && { onHealth }) });
    return { ...external, port: null, stats: () => null };
  }
  const roots = { base: config.baseTopic, discoveryPrefix };
  const broker = await openBroker({ config: config.broker, roots, tables, clock, log });
  const since = clock.now();
  return {
    link: broker.link,
    port: broker.port,
    stats: broker.stats,
    health: () => ({ state: 'live', since, problem: broker.stats().problem }),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

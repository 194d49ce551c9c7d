// The agent: one router, one broker, one beat. Everything else is handed in.
import { randomUUID } from 'node:crypto';
import { createTypedLink, decode, type Link, type Presence, type TypedLink, topics } from '@headgate/protocol';
import type { Config } from './config-schema.ts';
import { messageOf } from './errors.ts';
import type { Clock } from './ground/clock.ts';
import type { Log } from './ground/log.ts';
import type { MqttOptions, MqttPort } from './ground/mqtt-port.ts';
import { createPublisher, type Publisher } from './ground/publisher.ts';
import { createReach } from './reach.ts';
import type { Router } from './router/router.ts';
import { everyTick } from './sampling/every-tick.ts';
import { createSqmWatch } from './sampling/sqm-watch.ts';
import { createWanWatch, type WanWatch } from './sampling/wan-watch.ts';
import { openOriginalFile } from './shaper/original-file.ts';
import { createShaperKeeper, type ShaperKeeper } from './shaper/shaper-keeper.ts';
import { sectionOf } from './telemetry/sqm-of-wan.ts';
import { version } from './version.ts';

export type AgentDeps = {
  readonly config: Config;
  readonly router: Router;
  /** Makes the broker's port; its last will is the agent's to say. */
  readonly openPort: (options: Pick<MqttOptions, 'will'>) => MqttPort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dryRun: boolean;
};

/** Putting the shaper back and saying goodbye take no longer; a service manager waits 30 s. */
const GOODBYE_MS = 8_000;

/** Starts at once and never fails: a dead router or broker is tried again for ever. Disposing puts the shaper back and says "offline". */
export function openAgent(deps: AgentDeps): AsyncDisposable {
  const { config, router, clock, log } = deps;
  const ending = new AbortController();
  const bootId = randomUUID();
  const presence = (state: 'online' | 'offline'): Presence => ({ state, version, boot_id: bootId });
  const names = { router: config.name };
  const will = {
    topic: `${config.mqtt.base_topic}/router/${config.name}/presence`,
    payload: JSON.stringify(presence('offline')),
  };
  const port = deps.openPort({ will });
  const link = createTypedLink(port, config.mqtt.base_topic, (error) =>
    log.warn({ problem: error.message }, 'a message was ignored'),
  );
  const publisher = createPublisher(link, log);
  const now = (): string => new Date(clock.now()).toISOString();
  port.onConnect(() => {
    publisher.say('routerPresence', names, { ...presence('online'), at: now() });
    publisher.sayKeptAgain();
  });
  const parts = createParts(deps, publisher, bootId);
  const hearing = hearOwnTopics({ config, port, link, log, ...parts });
  const beat = everyTick(config.sampling.throughput, clock, ending.signal, parts.tick);

  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      const goodbye = async (): Promise<void> => {
        await beat;
        await hearing;
        await parts.keeper.release('the agent stops');
        await link.say('routerPresence', names, { ...presence('offline'), at: now() }).catch(() => {});
      };
      const late = new AbortController();
      await Promise.race([goodbye(), clock.sleep(GOODBYE_MS, late.signal).catch(() => {})]);
      late.abort();
      await port[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
    },
  };
}

type Parts = { readonly keeper: ShaperKeeper; readonly wanWatch: WanWatch; readonly tick: () => Promise<void> };

function createParts({ config, router, clock, random, log, dryRun }: AgentDeps, publisher: Publisher, bootId: string): Parts {
  const { name, sampling, shaper } = config;
  const reach = createReach({ clock, random, log });
  const keeper = createShaperKeeper({
    mode: dryRun ? 'dry' : shaper.enabled ? 'on' : 'off',
    router,
    file: openOriginalFile(shaper.state_file),
    sectionOf: (wan, sections) => {
      const known = wanWatch.wans().find((one) => one.name === wan);
      return known && sectionOf(known, sections);
    },
    say: (state) => publisher.keep('shaperState', { router: name }, state),
    clock,
    log,
  });
  // A reboot of the router ends the lease: our rate must not outlive it.
  const onReboot = (): void => void keeper.release('the router has restarted');
  const wanWatch = createWanWatch({ name, bootId, router, publisher, clock, log, onReboot });
  const isOurs = (wan: string): boolean => keeper.leaseOn() === wan;
  const sqmWatch = createSqmWatch({ name, router, publisher, clock, log, isOurs, onRateTool: keeper.giveWay });
  const linkDue = createDue(sampling.link, clock);
  const sqmDue = createDue(sampling.sqm, clock);

  const tick = async (): Promise<void> => {
    if (!reach.mayTry()) return;
    try {
      await wanWatch.sample();
      reach.answered();
      if (linkDue()) await wanWatch.look();
      // A queue that fills is to be known within a second; while the line is far from full, its SQM can wait.
      if (sqmDue() || sqmWatch.isNearFull(wanWatch.upBps())) await sqmWatch.look(wanWatch.wans());
      await keeper.tick();
    } catch (error) {
      reach.failed(error);
    }
  };
  return { keeper, wanWatch, tick };
}

/** True once per period, by the monotonic clock; true at the first call. */
function createDue(periodMs: number, clock: Clock): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    // Half of the shortest beat of grace, so that a period of five beats does not become six.
    if (clock.monotonic() - last < periodMs - 250) return false;
    last = clock.monotonic();
    return true;
  };
}

type Hearing = Pick<Parts, 'keeper' | 'wanWatch'> & {
  readonly config: Config;
  readonly port: MqttPort;
  readonly link: TypedLink;
  readonly log: Log;
};

/** Subscribes this router's own topics only: a broker may allow no more. */
async function hearOwnTopics({ config, port, link, log, keeper, wanWatch }: Hearing): Promise<void> {
  const heard =
    (handle: (topic: string, payload: Uint8Array, retained: boolean) => void) =>
    (topic: string, payload: Uint8Array, retained: boolean) => {
      try {
        handle(topic, payload, retained);
      } catch (error) {
        log.warn({ problem: messageOf(error) }, 'a message was ignored');
      }
    };
  const orders = link.topic('shaperOrder', { router: config.name });
  await port.subscribe(
    orders,
    heard((topic, payload, retained) => {
      // An order is a lease from now on; one that the broker kept is from another time.
      if (!retained) void keeper.order(decode(topic, topics.shaperOrder.schema, payload));
    }),
  );
  const links = `${config.mqtt.base_topic}/router/${config.name}/wan/+/link`;
  await port.subscribe(
    links,
    heard((topic, payload, retained) => {
      const wan = topic.split('/').at(-2) ?? '';
      if (retained) wanWatch.heardOld(wan, decode<typeof topics.link.schema>(topic, topics.link.schema, payload) as Link);
    }),
  );
}

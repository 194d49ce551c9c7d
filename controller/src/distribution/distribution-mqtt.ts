// Distribution over MQTT: nodes hear of each new version at once, and are heard.
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Listeners } from '../listeners.ts';
import type { Log } from '../log.ts';
import { createBell } from '../neighbours/bell.ts';
import type { Everywhere } from './everywhere.ts';
import type { Nodes } from './nodes.ts';
import type { Quarantines } from './quarantines.ts';
import type { Manifests } from './sealed-manifests.ts';

export type DistributionMqttDeps = {
  readonly manifests: Pick<Manifests, 'all' | 'get'>;
  /** A group has a new version, or went. */
  readonly versions: Listeners<[group: string]>;
  readonly nodes: Nodes;
  readonly everywhere: Everywhere;
  readonly quarantines: Pick<Quarantines, 'heard'>;
  readonly clock: Clock;
  readonly log: Log;
};

export type DistributionLink = {
  readonly link: TypedLink;
  /** Takes a retained message away from the broker. */
  readonly forget: (topic: string) => Promise<void>;
  /** Called where somebody needs the states at once. Answers with a function that ends it. */
  readonly onAsked: (listener: () => void) => () => void;
};

/** What could not be said is said again. */
const AGAIN_MS = 10_000;

/** Runs until the signal fires. */
export async function runDistributionMqtt(
  deps: DistributionMqttDeps,
  mqtt: DistributionLink,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([sayVersions(deps, mqtt, signal), hearNodes(deps, mqtt, signal)]);
}

async function sayVersions(
  { manifests, versions, clock, log }: DistributionMqttDeps,
  mqtt: DistributionLink,
  signal: AbortSignal,
) {
  const bell = createBell(clock);
  const unsaid = new Set(manifests.all().map(({ name }) => name));
  const say = (group: string): void => {
    unsaid.add(group);
    bell.ring();
  };
  const all = (): void => {
    for (const { name } of manifests.all()) unsaid.add(name);
    bell.ring();
  };
  const ends = [versions.on(say), mqtt.onAsked(all)];
  while (!signal.aborted) {
    for (const group of [...unsaid]) {
      unsaid.delete(group);
      await sayOne(manifests, mqtt, group).catch((error: unknown) => {
        unsaid.add(group);
        log.debug({ group, error: messageOf(error) }, 'version not published');
      });
    }
    await bell.wait(unsaid.size > 0 ? AGAIN_MS : 10 * AGAIN_MS, signal).catch(() => {});
  }
  for (const end of ends) end();
}

async function sayOne(manifests: Pick<Manifests, 'get'>, { link, forget }: DistributionLink, group: string): Promise<void> {
  const known = manifests.get(group);
  if (known === null) await forget(link.topic('groupState', { group }));
  else {
    const { version, issuedAt, items } = known;
    await link.say('groupState', { group }, { version, at: new Date(issuedAt).toISOString(), items: items.length });
  }
}

async function hearNodes(
  { nodes, everywhere, quarantines, versions, log }: DistributionMqttDeps,
  mqtt: DistributionLink,
  signal: AbortSignal,
) {
  let last: Promise<void> = Promise.resolve();
  /** One after the other; what goes wrong with one is told and harms none after it. */
  const inTurn = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => log.warn({ error }, 'what nodes have could not be kept'));
  };
  const ends = [
    nodes.onReport((node, report) => inTurn(() => everywhere.heard(node, report))),
    nodes.onReport((node, report) => inTurn(() => quarantines.heard(node, report))),
    versions.on((group) => inTurn(() => everywhere.changed(group))),
  ];
  await nodes.hear(mqtt.link, signal);
  for (const end of ends) end();
  await last;
}

// Tells Home Assistant what there is: differences only, again after its birth message, and what is gone is removed.
import type { LinkPort } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { controllerId, ORIGIN } from './device.ts';
import { awaitedTopics, type DiscoveryInput, discover } from './discovery.ts';
import { isOurs, planDiscovery } from './plan-discovery.ts';

export type PublisherDeps = {
  readonly port: LinkPort;
  /** What is to be known now. */
  readonly input: () => DiscoveryInput;
  /** Called when routers, WANs, channels or nodes may have come or gone. Answers with a function that ends it. */
  readonly onChange: (listener: () => void) => () => void;
  /** After a birth message, once discovery is out again. */
  readonly sayStates: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1. */
  readonly random: () => number;
};

/** Retained messages come at once after subscribing; this is for a slow broker. */
const LISTEN_MS = 1_500;
const APART_MS = 2_000;
const LOOK_EACH_MS = 60_000;
const MOST_OWNED = 1_000;

/** Runs until the signal fires. Discovery stays at the broker: entities are then unavailable by presence, not gone. */
export async function runPublisher(deps: PublisherDeps, signal: AbortSignal): Promise<void> {
  const { port, input, clock, log } = deps;
  const said = new Map<string, string>();
  const { prefix } = input();
  let sleeping = new AbortController();
  let born = false;
  const wake = (): void => sleeping.abort();
  const ends = [deps.onChange(wake), port.onConnect(wake)];
  const hearing = await Promise.all([
    port.subscribe(`${prefix}/device/+/config`, (topic, payload) =>
      hearConfig(said, { topic, text: new TextDecoder().decode(payload) }, controllerId(input())),
    ),
    port.subscribe(`${prefix}/status`, (_topic, payload, retained) => {
      if (retained || new TextDecoder().decode(payload) !== 'online') return;
      born = true;
      wake();
    }),
  ]);
  await clock.sleep(LISTEN_MS, signal).catch(() => {});
  while (!signal.aborted) {
    if (born) await clock.sleep(1_000 + deps.random() * 4_000, signal).catch(() => {});
    sleeping = new AbortController();
    await sayDiscovery(deps, { said, again: born }, signal).catch((error: unknown) =>
      log.debug({ error: messageOf(error) }, 'discovery not published'),
    );
    if (born) deps.sayStates();
    born = false;
    await clock.sleep(LOOK_EACH_MS, AbortSignal.any([signal, sleeping.signal])).catch(() => {});
    // Several routers' first words come together: one message for all of them.
    if (!signal.aborted && sleeping.signal.aborted && !born) await clock.sleep(APART_MS, signal).catch(() => {});
  }
  for (const end of ends) end();
  await Promise.allSettled(hearing.map((end) => end()));
}

function hearConfig(
  said: Map<string, string>,
  { topic, text }: { readonly topic: string; readonly text: string },
  ourId: string,
): void {
  if (text === '') said.delete(topic);
  else if (isOurs(text, ORIGIN, ourId) && (said.has(topic) || said.size < MOST_OWNED)) said.set(topic, text);
}

async function sayDiscovery(
  { port, input, clock, log }: PublisherDeps,
  { said, again }: { readonly said: Map<string, string>; readonly again: boolean },
  signal: AbortSignal,
): Promise<void> {
  const now = input();
  const wanted = new Map([...discover(now)].map(([topic, payload]) => [topic, JSON.stringify(payload)]));
  const steps = planDiscovery(wanted, said, awaitedTopics(now));
  const due = again
    ? [
        ...steps,
        ...[...wanted]
          .filter(([topic]) => !steps.some((step) => step.topic === topic))
          .map(([topic, payload]) => ({ topic, payload })),
      ]
    : steps;
  let last = '';
  for (const { topic, payload } of due) {
    if (topic === last) await clock.sleep(APART_MS, signal);
    last = topic;
    await port.publish(topic, payload, { qos: 1, retain: true });
    if (payload === '') said.delete(topic);
    else said.set(topic, payload);
  }
  if (steps.length > 0) log.info({ devices: wanted.size, messages: due.length }, 'Home Assistant discovery published');
}

// The node on MQTT: says that it is here and how far it is, hears of new manifests, limits and what a person asks.
import { randomUUID } from 'node:crypto';
import type { Log, MqttOptions, MqttPort } from '@headgate/agent-router/agent-ground';
import { createPublisher } from '@headgate/agent-router/agent-ground';
import { createTypedLink, decode, type NodeLimits, type NodeReport, type Presence, topicOf, topics } from '@headgate/protocol';
import { messageOf } from '../errors.ts';
import { version } from '../version.ts';

export type MqttLife = AsyncDisposable & { readonly report: (report: NodeReport) => void };
type Deps = {
  readonly id: string;
  readonly base: string;
  /** Makes the broker's port; its last will is ours to say. */
  readonly openPort: (options: Pick<MqttOptions, 'will'>) => MqttPort;
  /** Null: any, where a manifest's own name is not known yet. */
  readonly groups: readonly (string | null)[];
  readonly now: () => number;
  readonly log: Log;
  readonly onGroup: (group: string, version: number) => void;
  readonly onLimits: (limits: NodeLimits) => void;
  readonly onRescan: () => void;
  readonly onPaused: (isPaused: boolean) => void;
};

export function openMqttLife(deps: Deps): MqttLife {
  const { id, base, now, log } = deps;
  const bootId = randomUUID();
  const names = { node: id };
  const presence = (state: 'online' | 'offline'): Presence => ({ state, version, boot_id: bootId });
  const will = { topic: topicOf(base, 'nodePresence', names), payload: JSON.stringify(presence('offline')) };
  const port = deps.openPort({ will });
  const link = createTypedLink(port, base, (error) => log.warn({ problem: error.message }, 'a message was ignored'));
  const publisher = createPublisher(link, log);
  port.onConnect(() => {
    publisher.say('nodePresence', names, { ...presence('online'), at: new Date(now()).toISOString() });
    publisher.sayKeptAgain();
  });
  hear(deps, port);
  return {
    report: (report) => publisher.keep('nodeReport', names, report),
    async [Symbol.asyncDispose]() {
      await link.say('nodePresence', names, { ...presence('offline'), at: new Date(now()).toISOString() }).catch(() => {});
      await port[Symbol.asyncDispose]();
    },
  };
}

/** Only this node's own topics and its groups': a broker may allow no more. */
function hear({ id, base, groups, log, onGroup, onLimits, onRescan, onPaused }: Deps, port: MqttPort): void {
  const on = (topic: string, handle: (topic: string, payload: Uint8Array) => void, isKept = false): void =>
    void port.subscribe(topic, (name, payload, retained) => {
      // A wish or a lease that the broker kept is from another time.
      if (retained && !isKept) return;
      if (payload.byteLength === 0 && isKept) return;
      try {
        handle(name, payload);
      } catch (error) {
        log.warn({ problem: messageOf(error) }, 'a message was ignored');
      }
    });
  for (const group of new Set(groups))
    on(
      topicOf(base, 'groupState', group === null ? undefined : { group }),
      (name, payload) => onGroup(name.split('/').at(-2) ?? '', decode(name, topics.groupState.schema, payload).version),
      true,
    );
  const node = { node: id };
  on(topicOf(base, 'nodeLimits', node), (name, payload) => onLimits(decode(name, topics.nodeLimits.schema, payload)));
  on(topicOf(base, 'setNodeRescan', node), (name, payload) => {
    decode(name, topics.setNodeRescan.schema, payload, true);
    onRescan();
  });
  on(topicOf(base, 'setNodePaused', node), (name, payload) =>
    onPaused(decode(name, topics.setNodePaused.schema, payload, true) === 'on'),
  );
}

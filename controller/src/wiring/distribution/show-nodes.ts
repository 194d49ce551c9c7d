// The nodes as others see and steer them: over REST, MQTT and in Home Assistant, and as events.
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../../clock.ts';
import type { DistributionLink } from '../../distribution/distribution-mqtt.ts';
import type { NodeOrder } from '../../distribution/node-routes.ts';
import { runNodeStates } from '../../distribution/node-states.ts';
import type { NodeTokens } from '../../distribution/node-tokens.ts';
import type { NodeSeen, Nodes } from '../../distribution/nodes.ts';
import type { Quarantines } from '../../distribution/quarantines.ts';
import type { DiscoveredNode } from '../../home-assistant/node-device.ts';
import type { Log } from '../../log.ts';
import type { Happened } from '../../notify/events.ts';

export type ShowNodesDeps = {
  /** Somebody may read without a token. */
  readonly isOpen: boolean;
  readonly tokens: Pick<NodeTokens, 'get' | 'all'>;
  readonly nodes: Nodes;
  readonly quarantines: Quarantines;
  readonly link: TypedLink;
  /** Takes a retained message away from the broker. */
  readonly clear: (topic: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

export type ShownNodes = {
  /** Those that were heard and are of this home: with a token, or where none is needed. Ordered by name. */
  ours(): readonly NodeSeen[];
  /** Wrong bytes of one of them are told. */
  readonly heard: Quarantines['heard'];
  order(node: string, order: NodeOrder): Promise<void>;
  forget(node: string): Promise<void>;
  /** As many as Home Assistant is told of. */
  discovered(): readonly DiscoveredNode[];
  onNames(listener: () => void): () => void;
  run(mqtt: DistributionLink, signal: AbortSignal): Promise<void>;
};

/** Each is a device with a dozen of entities. */
const MOST_DEVICES = 200;

export function showNodes({ isOpen, tokens, nodes, quarantines, link, clear, clock, log }: ShowNodesDeps): ShownNodes {
  const isOurs = (node: string): boolean => isOpen || tokens.get(node) !== null;
  const ours = (): readonly NodeSeen[] => nodes.all().filter(({ node }) => isOurs(node));
  return {
    ours,
    heard: async (node, report) => (isOurs(node) ? quarantines.heard(node, report) : undefined),
    order: (node, order) =>
      order === 'rescan'
        ? link.say('setNodeRescan', { node }, 'rescan')
        : link.say('setNodePaused', { node }, order === 'pause' ? 'on' : 'off'),
    async forget(node) {
      nodes.forget(node);
      await quarantines.forget(node);
      // Where the broker is away it is kept for when it is back.
      for (const key of ['nodePresence', 'nodeReport', 'nodeState'] as const)
        await clear(link.topic(key, { node })).catch(() => {});
    },
    discovered() {
      const heard = new Map(ours().map((one) => [one.node, one]));
      const names = new Set([...tokens.all().map(({ node }) => node), ...heard.keys()]);
      return [...names]
        .sort()
        .slice(0, MOST_DEVICES)
        .map((node) => ({ node, isHeard: heard.has(node), version: heard.get(node)?.version ?? null }));
    },
    onNames: nodes.onNames,
    run: (mqtt, signal) => runNodeStates({ nodes, tokens, isOurs, clock, log }, mqtt, signal),
  };
}

export const tellQuarantined =
  (tell: (event: Happened) => void) =>
  (
    node: string,
    {
      group,
      title,
      path,
      problem,
    }: { readonly group: string; readonly title: string; readonly path: string; readonly problem: string | null },
  ): void =>
    tell({
      type: 'item_quarantined',
      severity: 'warning',
      text: `"${title}" of ${group} came to the node ${node} with wrong bytes and lies in its quarantine; it tries again by itself`,
      details: { node, group, title, path, problem },
    });

export const tellEverywhere =
  (tell: (event: Happened) => void) =>
  (group: string, { title, path }: { readonly title: string; readonly path: string }, count: number): void =>
    tell({
      type: 'item_everywhere',
      severity: 'info',
      text: `"${title}" is on ${count === 1 ? 'the only node' : `all ${count} nodes`} of ${group}`,
      details: { group, title, path, nodes: count },
    });

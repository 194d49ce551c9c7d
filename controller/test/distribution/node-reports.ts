// Reports of nodes, and the link by which the controller hears them.
import { createTypedLink, type NodeReport } from '@headgate/protocol';
import type { Test } from 'tap';
import { openQuarantines } from '../../src/distribution/quarantines.ts';
import { silentLog } from '../../src/log.ts';
import { showNodes, tellQuarantined } from '../../src/wiring/distribution/show-nodes.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';
import { openParts } from './open-distribution.ts';

type Item = NodeReport['items'][number];

const reportItem = (more: Partial<Item>): Item => ({
  ...{ group: 'family', title: 'Film', path: 'Film.mkv', state: 'placed', bytes_done: 0, bytes_total: null },
  ...{ up_bps: 0, down_bps: 0, peers: 0, seeding: false, problem: null },
  ...more,
});

export const nodeReportOf = (items: readonly Partial<Item>[], more: Partial<NodeReport> = {}): NodeReport => ({
  ...{ at: '2026-11-27T00:00:00Z', site: 'cabin', paused: false, free_bytes: 7e9, up_bps: 1, down_bps: 2, jellyfin: null },
  ...{ limits_lease_left_s: null, more_placed: 0, groups: [] },
  ...more,
  items: items.map(reportItem),
});

/** With a broker, at which nodes are heard until the test is over. */
export async function openNodes(
  t: Test,
  { lan = false, kept = {} }: { readonly lan?: boolean; readonly kept?: Record<string, string> } = {},
) {
  const parts = await openParts(t);
  const { nodes, tokens, clock, db } = parts;
  const broker = createMemoryBroker(kept);
  const link = createTypedLink(broker, 'headgate', (error) => t.fail(error.message));
  const events: string[] = [];
  const quarantines = await openQuarantines({ db, tell: tellQuarantined(({ text }) => events.push(text)), now: clock.now });
  const forget = (topic: string): Promise<void> => broker.publish(topic, '', { qos: 1, retain: true });
  const shown = showNodes({ isOpen: lan, tokens, nodes, quarantines, link, clear: forget, clock, log: silentLog });
  const asked = new Set<() => void>();
  const onAsked = (listener: () => void) => {
    asked.add(listener);
    return () => void asked.delete(listener);
  };
  const ending = new AbortController();
  const works = [nodes.hear(link, ending.signal), shown.run({ link, forget, onAsked }, ending.signal)];
  t.teardown(async () => {
    ending.abort();
    await Promise.all(works);
  });
  await clock.settle();
  const say = (node: string, what: 'report' | 'presence', value: unknown): void =>
    broker.say(`headgate/node/${node}/${what}`, JSON.stringify(value), { retain: true });
  return {
    ...{ ...parts, broker, shown, quarantines, events },
    report: (node: string, report: NodeReport): void => say(node, 'report', report),
    presence: (node: string, state: 'online' | 'offline', at?: string): void =>
      say(node, 'presence', { state, version: '0.1.0', boot_id: 'b', ...(at === undefined ? {} : { at }) }),
    ask: (): void => asked.forEach((listener) => void listener()),
    state: (node: string): unknown => JSON.parse(broker.retained().get(`headgate/node/${node}/state`) ?? 'null'),
  };
}

// What the nodes say of themselves, as it was last heard; and who notices that an item is on all of them.
import type { NodeReport, Presence, TypedLink } from '@headgate/protocol';
import { createListeners } from '../listeners.ts';

/** Times are UTC ms. */
export type NodeSeen = {
  readonly node: string;
  readonly report: NodeReport | null;
  readonly heardAt: number | null;
  /** Null before it was heard. */
  readonly isOnline: boolean | null;
  readonly version: string | null;
};

export type Nodes = {
  /** Ordered by name. */
  all(): readonly NodeSeen[];
  get(node: string): NodeSeen | null;
  /** Told after each report. Answers with a function that ends it. */
  onReport(listener: (node: string, report: NodeReport) => void): () => void;
  /** Until the signal fires. */
  hear(link: Pick<TypedLink, 'hear'>, signal: AbortSignal): Promise<void>;
};

/** Whoever may speak as a node is counted; beyond that somebody plays. */
const MAX_NODES = 2_000;

/** @param now UTC ms */
export function createNodes(now: () => number): Nodes {
  const seen = new Map<string, NodeSeen>();
  const reports = createListeners<[node: string, report: NodeReport]>();
  const take = (node: string, news: Partial<NodeSeen>): boolean => {
    const before = seen.get(node);
    if (before === undefined && seen.size >= MAX_NODES) return false;
    seen.set(node, { ...(before ?? { node, report: null, heardAt: null, isOnline: null, version: null }), ...news });
    return true;
  };
  return {
    all: () => [...seen.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
    get: (node) => seen.get(node) ?? null,
    onReport: reports.on,
    async hear(link, signal) {
      const ends = await Promise.all([
        link.hear('nodeReport', ({ value, names: { node } }) => {
          if (take(node, { report: value, heardAt: now() })) reports.tell(node, value);
        }),
        link.hear('nodePresence', ({ value, names: { node } }) => {
          take(node, { isOnline: value.state === 'online', version: versionOf(value) });
        }),
      ]);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await Promise.allSettled(ends.map((end) => end()));
    },
  };
}

const versionOf = (presence: Presence): string => presence.version;

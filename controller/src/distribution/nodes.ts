// What the nodes say of themselves, as it was last heard, and since when one is silent.
import type { NodeReport, TypedLink } from '@headgate/protocol';
import { createListeners } from '../listeners.ts';
import { MAX_NODES } from './node-tokens.ts';

/** Times are UTC ms. */
export type NodeSeen = {
  readonly node: string;
  readonly report: NodeReport | null;
  /** When it last reported; of a report that the broker kept, when the node says that it made it. */
  readonly heardAt: number | null;
  /** Null before it was heard. */
  readonly isOnline: boolean | null;
  /** Null while it speaks. */
  readonly staleSince: number | null;
  readonly version: string | null;
};

export type Nodes = {
  /** Ordered by name. */
  all(): readonly NodeSeen[];
  get(node: string): NodeSeen | null;
  /** Told after each report. Answers with a function that ends it. */
  onReport(listener: (node: string, report: NodeReport) => void): () => void;
  /** Told after whatever is heard of a node, and when it is forgotten. Answers with a function that ends it. */
  onChange(listener: (node: string) => void): () => void;
  /** Told when one comes or goes, or has another version. Answers with a function that ends it. */
  onNames(listener: () => void): () => void;
  /** Until it is heard again. */
  forget(node: string): void;
  /** Until the signal fires. */
  hear(link: Pick<TypedLink, 'hear'>, signal: AbortSignal): Promise<void>;
};

/** A node reports each five minutes, also where nothing changes: after three of them one that seems online hangs, or was never told off. */
const SILENT_MS = 960_000;

type Kept = Omit<NodeSeen, 'node' | 'staleSince'> & {
  /** Null where it is not known. */
  readonly offlineSince: number | null;
  /** Its last word of any kind. */
  readonly wordAt: number;
};

/** @param now UTC ms */
export function createNodes(now: () => number): Nodes {
  const startedAt = now();
  const kept = new Map<string, Kept>();
  const reports = createListeners<[node: string, report: NodeReport]>();
  const changes = createListeners<[node: string]>();
  const names = createListeners();
  const take = (node: string, wordAt: number, news: Partial<Kept>): boolean => {
    const before = kept.get(node);
    if (before === undefined && kept.size >= MAX_NODES) return false;
    const blank: Kept = { report: null, heardAt: null, isOnline: null, version: null, offlineSince: null, wordAt };
    const after = { ...(before ?? blank), ...news, wordAt: Math.max(before?.wordAt ?? 0, wordAt) };
    kept.set(node, after);
    changes.tell(node);
    if (before?.version !== after.version || before === undefined) names.tell();
    return true;
  };
  const seen = (node: string, { offlineSince, wordAt: saidAt, ...one }: Kept): NodeSeen => {
    // Where the broker kept nothing with a time in it.
    const wordAt = saidAt === 0 ? startedAt : saidAt;
    const staleSince = one.isOnline === false ? (offlineSince ?? wordAt) : now() - wordAt > SILENT_MS ? wordAt : null;
    return { node, ...one, staleSince };
  };
  return {
    all: () => [...kept].map(([node, one]) => seen(node, one)).sort((a, b) => (a.node < b.node ? -1 : 1)),
    get(node) {
      const one = kept.get(node);
      return one === undefined ? null : seen(node, one);
    },
    onReport: reports.on,
    onChange: changes.on,
    onNames: names.on,
    forget(node) {
      if (!kept.delete(node)) return;
      changes.tell(node);
      names.tell();
    },
    async hear(link, signal) {
      const ends = await Promise.all([
        link.hear('nodeReport', ({ value, names: { node }, retained }) => {
          const at = retained ? Math.min(now(), Date.parse(value.at)) : now();
          if (take(node, at, { report: value, heardAt: at })) reports.tell(node, value);
        }),
        link.hear('nodePresence', ({ value: { state, version, at }, names: { node }, retained }) => {
          // A last will has no time of its own.
          const saidAt = retained ? (at === undefined ? null : Math.min(now(), Date.parse(at))) : now();
          const isOnline = state === 'online';
          take(node, saidAt ?? 0, { isOnline, version, offlineSince: isOnline ? null : saidAt });
        }),
      ]);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await Promise.allSettled(ends.map((end) => end()));
    },
  };
}

// Numbers of distribution for Prometheus. No label grows with the number of items.
import type { TorrentState } from '@headgate/agent-node/torrent-engine';
import type { Group } from '../../distribution/group-store.ts';
import { ITEM_STATES, type ItemState, type NodeSummary, summaryOf } from '../../distribution/node-summary.ts';
import type { NodeSeen } from '../../distribution/nodes.ts';
import type { Seed } from '../../distribution/seed.ts';
import type { SentAway } from '../../distribution/torrent-routes.ts';
import type { Gauge, Labels, Metrics } from '../../http/metrics.ts';

export type DistributionNumbers = {
  /** Of this home, ordered by name. */
  readonly nodes: () => readonly NodeSeen[];
  readonly groups: () => readonly Group[];
  readonly seeds: () => readonly Pick<Seed, 'state'>[];
  readonly torrents: () => readonly Pick<TorrentState, 'upBps'>[];
  readonly onSentAway: (listener: (sent: SentAway) => void) => () => void;
  readonly nowMs: () => number;
};

/** With series of their own: each has one for each state of items, and a name has a thousand at most. All of them count in the sums. */
const MOST_NODES = 100;
const SEED_STATES = ['pending', 'active', 'failed'] as const;

export function collectDistributionMetrics(metrics: Metrics, numbers: DistributionNumbers): void {
  const gauge = (name: string, help: string): Gauge => metrics.gauge(`headgate_${name}`, help);
  const sent = metrics.counter('headgate_distribution_sent_away_bytes_total', 'Bytes of files sent to other sites over HTTP');
  const seeds = gauge('seeds', 'What is shared from here, by its state');
  const seederUp = gauge('seeder_up_bits_per_second', 'Upload of the torrent process');
  const all = gauge('nodes', 'Nodes that were heard, by whether they still speak');
  const allItems = gauge('nodes_items', 'Items of all nodes, by their state');
  const versions = shrinking(gauge('group_version', "Version of each group's manifest"));
  const items = shrinking(gauge('group_items', "Items of each group's manifest"));
  const each = nodeGauges(gauge);
  numbers.onSentAway(({ site, bytes }) => sent.add(bytes, { site: site ?? 'unknown' }));
  metrics.onRead(() => {
    const [known, groups, nodes] = [numbers.seeds(), numbers.groups(), numbers.nodes()];
    for (const state of SEED_STATES) seeds.set(known.filter((seed) => seed.state === state).length, { state });
    seederUp.set(numbers.torrents().reduce((sum, { upBps }) => sum + upBps, 0));
    versions(groups.map(({ name, version }) => [{ group: name }, version]));
    items(groups.map((group) => [{ group: group.name }, group.items.length]));
    const silent = nodes.filter(({ staleSince }) => staleSince !== null).length;
    all.set(silent, { state: 'silent' });
    all.set(nodes.length - silent, { state: 'speaking' });
    const counted = nodes.map((seen) => ({ seen, summary: seen.report === null ? null : summaryOf(seen.report) }));
    for (const state of ITEM_STATES)
      allItems.set(
        counted.reduce((sum, { summary }) => sum + (summary?.counts[state] ?? 0), 0),
        { state },
      );
    each(counted.slice(0, MOST_NODES), numbers.nowMs());
  });
}

type Counted = { readonly seen: NodeSeen; readonly summary: NodeSummary | null };
type Series = readonly (readonly [Labels, number])[];

function nodeGauges(gauge: (name: string, help: string) => Gauge): (nodes: readonly Counted[], nowMs: number) => void {
  const up = shrinking(gauge('node_up_bits_per_second', 'Upload of each node'));
  const down = shrinking(gauge('node_down_bits_per_second', 'Download of each node'));
  const awayUp = shrinking(
    gauge('node_away_up_bits_per_second', 'Of the upload of each node what goes over the uplink of its site'),
  );
  const free = shrinking(gauge('node_free_bytes', "Free on the disk of each node's library"));
  const items = shrinking(gauge('node_items', 'Items of each node, by their state'));
  const age = shrinking(gauge('node_report_age_seconds', 'Since the last report of each node; one comes each five minutes'));
  const speaks = shrinking(gauge('node_speaking', 'Whether a node still speaks'));
  return (nodes, nowMs) => {
    const of = (value: (one: Counted) => number | null | undefined): Series =>
      nodes.flatMap((one) => {
        const now = value(one);
        return now == null ? [] : [[{ node: one.seen.node }, now] as const];
      });
    const live = (seen: NodeSeen, bps: number | undefined) => (seen.staleSince === null || bps === undefined ? bps : 0);
    up(of(({ seen }) => live(seen, seen.report?.up_bps)));
    down(of(({ seen }) => live(seen, seen.report?.down_bps)));
    awayUp(of(({ seen }) => live(seen, seen.report?.away_up_bps)));
    free(of(({ seen }) => seen.report?.free_bytes));
    age(of(({ seen }) => (seen.heardAt === null ? null : Math.max(0, nowMs - seen.heardAt) / 1_000)));
    speaks(of(({ seen }) => (seen.staleSince === null ? 1 : 0)));
    items(nodes.flatMap(({ seen: { node }, summary }) => (summary === null ? [] : byState(node, summary.counts))));
  };
}

const byState = (node: string, counts: Readonly<Record<ItemState, number>>): Series =>
  ITEM_STATES.map((state) => [{ node, state }, counts[state]]);

/** What is not among the series any more is taken away. */
function shrinking(gauge: Gauge): (series: Series) => void {
  let shown = new Map<string, Labels>();
  return (series) => {
    const now = new Map(series.map(([labels]) => [JSON.stringify(labels), labels]));
    for (const [key, labels] of shown) if (!now.has(key)) gauge.remove(labels);
    for (const [labels, value] of series) gauge.set(value, labels);
    shown = now;
  };
}

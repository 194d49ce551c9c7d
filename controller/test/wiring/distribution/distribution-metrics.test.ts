// Numbers of distribution: what nodes, seeds and groups come to; what is gone has no series, and a thousand nodes have not ten thousand.
import t from 'tap';
import type { NodeSeen } from '../../../src/distribution/nodes.ts';
import type { SentAway } from '../../../src/distribution/torrent-routes.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createListeners } from '../../../src/listeners.ts';
import { collectDistributionMetrics } from '../../../src/wiring/distribution/distribution-metrics.ts';
import { nodeReportOf } from '../../distribution/node-reports.ts';

const seen = (node: string, more: Partial<NodeSeen> = {}): NodeSeen => ({
  ...{ node, isOnline: true, version: '0.1.0', heardAt: 1_000, staleSince: null },
  report: nodeReportOf([{ state: 'downloading' }, { path: 'b' }], { more_placed: 4, down_bps: 80, up_bps: 9, away_up_bps: 7 }),
  ...more,
});

function open() {
  const metrics = createMetrics();
  const sent = createListeners<[sent: SentAway]>();
  const facts = {
    nodes: [seen('nuc', { staleSince: 500 }), seen('pi'), seen('new', { report: null, heardAt: null })],
    groups: [{ name: 'family', version: 7, issuedAt: 0, items: [] }],
  };
  collectDistributionMetrics(metrics, {
    ...{ nodes: () => facts.nodes, groups: () => facts.groups, onSentAway: sent.on, nowMs: () => 61_000 },
    seeds: () => [{ state: 'active' }, { state: 'active' }, { state: 'failed' }],
    torrents: () => [{ upBps: 5 }, { upBps: 6 }],
  });
  const lines = (): string[] =>
    metrics
      .text()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  return { facts, sent, lines };
}

t.test('rates, disk, items by state and silence of each node; seeds by state; versions; what was sent away', async (t) => {
  const { facts, sent, lines } = open();
  for (const site of ['cabin', null]) sent.tell({ reader: 'pi', site, address: '198.51.100.4', bytes: 100 });
  const has = (...wanted: string[]) => {
    const now = lines();
    for (const line of wanted) t.ok(now.includes(line), line);
  };
  has(
    'headgate_node_down_bits_per_second{node="pi"} 80',
    'headgate_node_down_bits_per_second{node="nuc"} 0',
    'headgate_node_up_bits_per_second{node="pi"} 9',
    'headgate_node_away_up_bits_per_second{node="pi"} 7',
    'headgate_node_free_bytes{node="pi"} 7000000000',
    'headgate_node_items{node="pi",state="placed"} 5',
    'headgate_node_items{node="pi",state="failed"} 0',
    'headgate_node_report_age_seconds{node="pi"} 60',
    'headgate_node_speaking{node="nuc"} 0',
    'headgate_node_speaking{node="new"} 1',
    'headgate_nodes{state="silent"} 1',
    'headgate_nodes{state="speaking"} 2',
    'headgate_nodes_items{state="downloading"} 2',
    'headgate_seeds{state="active"} 2',
    'headgate_seeds{state="pending"} 0',
    'headgate_seeder_up_bits_per_second 11',
    'headgate_group_version{group="family"} 7',
    'headgate_distribution_sent_away_bytes_total{site="cabin"} 100',
    'headgate_distribution_sent_away_bytes_total{site="unknown"} 100',
  );
  facts.nodes = [seen('pi')];
  facts.groups = [];
  t.same(
    lines().filter((line) => /nuc|family/.test(line)),
    [],
    'who is gone has no series',
  );
});

t.test('of a thousand nodes a hundred have series of their own, and all count in the sums', async (t) => {
  const { facts, lines } = open();
  facts.nodes = Array.from({ length: 1_000 }, (_, n) => seen(`node${String(n).padStart(4, '0')}`));
  const now = lines();
  t.equal(now.filter((line) => line.startsWith('headgate_node_items{')).length, 800);
  t.ok(now.includes('headgate_nodes_items{state="placed"} 5000'));
});

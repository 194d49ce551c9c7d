// What the simulated router's `tc -s -j qdisc show` prints, in the form of recordings/openwrt/tc-*.json. Pure.
import type { QueueReading } from './simulated-line.ts';

export type Queue = 'cake' | 'fq_codel' | 'none';

const noqueue = (dev: string): unknown => ({
  kind: 'noqueue',
  handle: '0:',
  dev,
  root: true,
  refcnt: 2,
  options: {},
  bytes: 0,
  packets: 0,
  drops: 0,
  overlimits: 0,
  requeues: 0,
  backlog: 0,
  qlen: 0,
});

/** `tc -s -j qdisc show`. Rates are bytes/s, as iproute2's JSON has them. */
export function qdiscs(kind: Queue, device: string, up: QueueReading, down: QueueReading): readonly unknown[] {
  const shaped = kind === 'none' ? [] : [...root(kind, device, up), ...root(kind, `ifb4${device}`.slice(0, 15), down)];
  return [noqueue('lo'), ...(up.rateKbit === 0 || kind === 'none' ? [noqueue(device)] : []), ...shaped];
}

function root(kind: Exclude<Queue, 'none'>, dev: string, queue: QueueReading): readonly unknown[] {
  if (queue.rateKbit === 0) return [];
  const counters: Counted = {
    bytes: queue.bytes,
    packets: queue.packets,
    drops: queue.drops,
    overlimits: queue.drops * 4,
    requeues: 0,
    backlog: queue.backlog,
    qlen: Math.ceil(queue.backlog / 1514),
  };
  return kind === 'fq_codel' ? htbOverFqCodel(dev, counters) : cake(dev, queue, counters);
}

type Counted = Readonly<Record<'bytes' | 'packets' | 'drops' | 'overlimits' | 'requeues' | 'backlog' | 'qlen', number>>;

function htbOverFqCodel(dev: string, counters: Counted): readonly unknown[] {
  return [
    {
      kind: 'htb',
      handle: '1:',
      dev,
      root: true,
      refcnt: 2,
      options: { r2q: 10, default: '0x10', direct_packets_stat: 0, direct_qlen: 1000 },
      ...counters,
    },
    {
      kind: 'fq_codel',
      handle: '110:',
      dev,
      parent: '1:10',
      options: {
        limit: 1001,
        flows: 1024,
        quantum: 1514,
        target: 4999,
        interval: 99999,
        memory_limit: 33554432,
        drop_batch: 64,
      },
      ...counters,
      maxpacket: 1514,
      drop_overlimit: 0,
      new_flow_count: 4,
      ecn_mark: 0,
      memory_used: 11248,
      new_flows_len: 0,
      old_flows_len: 1,
    },
  ];
}

function cake(dev: string, queue: QueueReading, counters: Counted): readonly unknown[] {
  const bytesPerSecond = queue.rateKbit * 125;
  const tin = {
    threshold_rate: bytesPerSecond,
    sent_bytes: queue.bytes,
    backlog_bytes: queue.backlog,
    target_us: 5000,
    interval_us: 100000,
    peak_delay_us: Math.round(queue.avgDelayUs * 1.6),
    avg_delay_us: queue.avgDelayUs,
    base_delay_us: Math.round(queue.avgDelayUs / 2),
    sent_packets: queue.packets,
    way_indirect_hits: 0,
    way_misses: 3,
    way_collisions: 0,
    drops: queue.drops,
    ecn_mark: 0,
    ack_drops: 0,
    sparse_flows: 0,
    bulk_flows: queue.backlog > 0 ? 1 : 0,
    unresponsive_flows: 0,
    max_pkt_len: 9084,
    flow_quantum: 305,
  };
  return [
    {
      kind: 'cake',
      handle: '8001:',
      dev,
      root: true,
      refcnt: 2,
      options: {
        bandwidth: bytesPerSecond,
        diffserv: 'besteffort',
        flowmode: 'triple-isolate',
        nat: true,
        wash: false,
        ingress: dev.startsWith('ifb'),
        'ack-filter': 'disabled',
        split_gso: true,
        rtt: 100000,
        raw: false,
        atm: 'noatm',
        overhead: 44,
        fwmark: '0',
      },
      ...counters,
      memory_used: 38192,
      memory_limit: 4194304,
      capacity_estimate: bytesPerSecond,
      min_network_size: 28,
      max_network_size: 1500,
      min_adj_size: 84,
      max_adj_size: 1544,
      avg_hdr_offset: 14,
      tins: [tin],
    },
  ];
}

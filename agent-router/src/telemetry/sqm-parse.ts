// `tc -s -j qdisc show` to root qdiscs with their rates and tins. Pure. tc's JSON rates are bytes/s (iproute2 lib/json_print.c).
import { BITS_PER_BYTE } from '@headgate/protocol';
import * as z from 'zod/mini';

/** One tin as tc tells it. Its delays stand still when no packet passes. */
export type TinCounters = {
  readonly name: string;
  readonly thresholdBps: number | null;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly backlogBytes: number;
  readonly drops: number;
  readonly ecnMarks: number;
  readonly targetUs: number;
  readonly peakDelayUs: number;
  readonly avgDelayUs: number;
  readonly baseDelayUs: number;
  readonly bulkFlows: number;
  readonly sparseFlows: number;
};

/** The root qdisc of a device; under htb the counters of the fq_codel below are added, since they hold drops and marks. */
export type RootQdisc = {
  readonly device: string;
  readonly kind: string;
  /** null: unlimited, or not told (htb keeps its rate in a class, which tc prints as text). */
  readonly rateBps: number | null;
  readonly bytes: number;
  readonly backlogBytes: number;
  readonly drops: number;
  readonly ecnMarks: number;
  readonly tins: readonly TinCounters[];
};

const count = z._default(z.number().check(z.nonnegative()), 0);
const tin = z.object({
  threshold_rate: z.optional(z.number()),
  sent_bytes: count,
  sent_packets: count,
  backlog_bytes: count,
  drops: count,
  ecn_mark: count,
  target_us: count,
  peak_delay_us: count,
  avg_delay_us: count,
  base_delay_us: count,
  bulk_flows: count,
  sparse_flows: count,
});
const qdisc = z.object({
  kind: z.string(),
  dev: z.optional(z.string()),
  root: z.optional(z.boolean()),
  parent: z.optional(z.string()),
  options: z.optional(z.object({ bandwidth: z.optional(z.union([z.number(), z.string()])), diffserv: z.optional(z.string()) })),
  bytes: count,
  backlog: count,
  drops: count,
  ecn_mark: z.optional(z.number()),
  tins: z.optional(z.array(tin)),
});
type Qdisc = z.infer<typeof qdisc>;

/** In cake's order, by sch_cake.c; other modes get numbers. */
const TIN_NAMES: Readonly<Record<string, readonly string[]>> = {
  besteffort: ['best_effort'],
  diffserv3: ['bulk', 'best_effort', 'voice'],
  diffserv4: ['bulk', 'best_effort', 'video', 'voice'],
};
const MOST_TINS = 8;
const MOST_QDISCS = 512;

/** Root qdiscs by device; undefined where this is not tc's JSON. Entries that make no sense are left out. */
export function rootQdiscs(answer: unknown): ReadonlyMap<string, RootQdisc> | undefined {
  if (!Array.isArray(answer)) return undefined;
  const all = answer.slice(0, MOST_QDISCS).flatMap((one) => {
    const result = z.safeParse(qdisc, one);
    return result.success ? [result.data] : [];
  });
  const roots = new Map<string, RootQdisc>();
  for (const one of all)
    if (one.root === true && one.dev !== undefined)
      roots.set(
        one.dev,
        rootOf(
          one.dev,
          one,
          all.filter((below) => isBelow(one, below)),
        ),
      );
  return roots;
}

/** fq_codel and the like under htb; `ingress` only hands packets to the ifb. */
const isBelow = (root: Qdisc, one: Qdisc): boolean =>
  one.dev === root.dev && one.root !== true && one.kind !== 'ingress' && one.kind !== 'clsact';

function rootOf(device: string, root: Qdisc, below: readonly Qdisc[]): RootQdisc {
  const bandwidth = root.options?.bandwidth;
  const names = TIN_NAMES[root.options?.diffserv ?? ''] ?? [];
  const leaves = below.length > 0 ? below : [root];
  return {
    device,
    kind: below.length > 0 ? `${root.kind}+${below[0]?.kind}` : root.kind,
    rateBps: typeof bandwidth === 'number' ? Math.round(bandwidth * BITS_PER_BYTE) : null,
    bytes: root.bytes,
    backlogBytes: sum(leaves, (leaf) => leaf.backlog),
    // htb counts a drop of its leaf once more at the root.
    drops: Math.max(
      root.drops,
      sum(leaves, (leaf) => leaf.drops),
    ),
    ecnMarks: sum(leaves, (leaf) => leaf.ecn_mark ?? 0) + sum(root.tins ?? [], (one) => one.ecn_mark),
    tins: (root.tins ?? []).slice(0, MOST_TINS).map((one, i) => ({
      name: names[i] ?? `tin_${i}`,
      thresholdBps: one.threshold_rate === undefined ? null : Math.round(one.threshold_rate * BITS_PER_BYTE),
      sentBytes: one.sent_bytes,
      sentPackets: one.sent_packets,
      backlogBytes: one.backlog_bytes,
      drops: one.drops,
      ecnMarks: one.ecn_mark,
      targetUs: one.target_us,
      peakDelayUs: one.peak_delay_us,
      avgDelayUs: one.avg_delay_us,
      baseDelayUs: one.base_delay_us,
      bulkFlows: one.bulk_flows,
      sparseFlows: one.sparse_flows,
    })),
  };
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);

/** sqm-scripts' ifb of a device: `ifb4` + name, cut to the 15 characters that Linux allows; found in tc's list, not built. */
export function ifbOf(device: string, roots: ReadonlyMap<string, RootQdisc>): RootQdisc | undefined {
  for (const [name, root] of roots)
    if (name.startsWith('ifb4') && device.startsWith(name.slice(4)) && (name.length === 15 || name.slice(4) === device))
      return root;
  return undefined;
}

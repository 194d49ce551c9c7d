// Pure: what REST shows of a node.
import type { NodeReport } from '@headgate/protocol';
import { z } from 'zod';
import { ITEM_STATES, summaryOf } from './node-summary.ts';
import type { KnownNode } from './node-tokens.ts';
import type { NodeSeen } from './nodes.ts';

export const known = z.object({ node: z.string(), site: z.string(), groups: z.array(z.string()), created_at: z.iso.datetime() });

export const nodeView = z.object({
  node: z.string(),
  /** Null where it reports, but has no token here. */
  access: z.nullable(known.omit({ node: true })),
  online: z.nullable(z.boolean()),
  version: z.nullable(z.string()),
  heard_at: z
    .nullable(z.iso.datetime())
    .describe('Of its last report. It makes one each five minutes, also where nothing changes.'),
  stale_since: z
    .nullable(z.iso.datetime())
    .describe('Since when it is silent; null while it speaks. All else is then as it was last heard.'),
  /** Null before its first report. */
  report: z.nullable(
    z.object({
      at: z.string(),
      site: z.string(),
      paused: z.boolean(),
      free_bytes: z.nullable(z.number()),
      up_bps: z.number(),
      down_bps: z.number(),
      away_up_bps: z
        .nullable(z.number())
        .describe('Of those two what goes over the uplink of its site; null where an old node says nothing of it.'),
      away_down_bps: z.nullable(z.number()),
      /** With since when each could not be fetched. */
      groups: z.array(
        z.object({
          group: z.string(),
          version: z.nullable(z.number()),
          stale_since: z.nullable(z.string()),
          problem: z.nullable(z.string()),
        }),
      ),
      jellyfin: z
        .nullable(z.object({ had_it_after_s: z.nullable(z.number()), problem: z.nullable(z.string()) }))
        .describe('Of the media server beside it: how long it took until that had what was new.'),
      /** How many items are in which state. */
      items: z.record(z.enum(ITEM_STATES), z.int()),
      progress_percent: z.nullable(z.number()).describe('Of what is loading or waits to; null where nothing is.'),
      /** Of those that are not placed. */
      bytes_done: z.number(),
      bytes_total: z.number(),
      /** The first of them. */
      problems: z.array(z.object({ group: z.string(), path: z.string(), problem: z.string() })),
    }),
  ),
});

export const wholeNodeView = nodeView.extend({
  items: z
    .custom<NodeReport['items']>(() => true)
    .meta({
      description: 'As in its report on MQTT, node/{node}/report: state, bytes, rates, peers and problem of each',
      type: 'array',
    }),
});

type View = z.input<typeof nodeView>;

const MAX_PROBLEMS = 20;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null | undefined): string | null => (ms == null ? null : iso(ms));

export const knownView = ({ node, site, groups, createdAt }: KnownNode) => ({
  node,
  site,
  groups: [...groups],
  created_at: iso(createdAt),
});

export function viewOf(node: string, access: KnownNode | null, seen: NodeSeen | null): View {
  return {
    node,
    access: access === null ? null : knownView(access),
    online: seen?.isOnline ?? null,
    version: seen?.version ?? null,
    heard_at: isoOrNull(seen?.heardAt),
    stale_since: isoOrNull(seen?.staleSince),
    report: seen === null || seen.report === null ? null : shortOf(seen.report),
  };
}

/** A thousand nodes with hundreds of items each would be too much for one answer. */
function shortOf(report: NodeReport): View['report'] {
  const { at, site, paused, free_bytes, up_bps, down_bps, groups, jellyfin, items } = report;
  const { counts, percent, bytesDone, bytesTotal } = summaryOf(report);
  const problems = items.flatMap(({ group, path, problem }) => (problem === null ? [] : [{ group, path, problem }]));
  return {
    ...{ at, site, paused, free_bytes, up_bps, down_bps, groups, jellyfin, items: counts },
    ...{ away_up_bps: report.away_up_bps ?? null, away_down_bps: report.away_down_bps ?? null },
    ...{ progress_percent: percent, bytes_done: bytesDone, bytes_total: bytesTotal },
    problems: problems.slice(0, MAX_PROBLEMS),
  };
}

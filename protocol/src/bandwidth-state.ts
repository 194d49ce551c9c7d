// The one JSON that an automation reads: flat numbers, no arrays to walk, names as keys.
import * as z from 'zod/mini';
import { bps, moment } from './units.ts';

/** `idle` nobody watches from outside · `streaming` caps in force · `safe` telemetry is stale · `off` switched off · `unknown` no capacity known. */
export const bandwidthMode = z.enum(['idle', 'streaming', 'safe', 'off', 'unknown']);

export const bandwidthState = z.object({
  at: moment,
  mode: bandwidthMode,
  /** One sentence: why the caps are what they are. */
  reason: z.string(),
  enabled: z.boolean(),
  dry_run: z.boolean(),
  algorithm: z.string(),
  /** Means of the last 10 s; null while no router speaks. */
  wan_up_bps: z.nullable(bps),
  wan_down_bps: z.nullable(bps),
  capacity_up_bps: z.nullable(bps),
  capacity_down_bps: z.nullable(bps),
  headroom_bps: z.nullable(bps),
  reserve_bps: bps,
  /** Of the capacity; null while that is not known. */
  reserve_percent: z.optional(z.nullable(z.number())),
  other_bps: bps,
  /** What viewers may have together. */
  budget_bps: z.nullable(bps),
  streams: z.int().check(z.nonnegative()),
  remote_streams: z.int().check(z.nonnegative()),
  remote_demand_bps: bps,
  /** Streams that began before their limit, and of these and others, those that take more all the same. */
  caps_pending: z.optional(z.int().check(z.nonnegative())),
  caps_ignored: z.optional(z.int().check(z.nonnegative())),
  torrent_limit_bps: z.nullable(bps),
  torrent_up_bps: bps,
  /** For all download clients together, Usenet too; null where downloads are as their users had them. */
  download_limit_bps: z.optional(z.nullable(bps)),
  /** What all download clients fetch, Usenet too. */
  torrent_down_bps: z.optional(bps),
  /** Some client is stopped because too little is left for torrents. */
  torrents_paused: z.optional(z.boolean()),
  /** What the minimum per viewer takes beyond the uplink; 0 where all fits. */
  over_commitment_bps: bps,
  /** Caps by `server/user`, and by torrent client; null is "as the user had it". */
  viewers: z.record(z.string(), z.nullable(bps)),
  torrent_clients: z.record(z.string(), z.nullable(bps)),
  /** As `torrent_clients`, for what they fetch. */
  download_clients: z.optional(z.record(z.string(), z.nullable(bps))),
  /** How many media servers and download clients give no answer, or refuse Headgate. */
  neighbours_silent: z.optional(z.int().check(z.nonnegative())),
  stale_since: z.nullable(moment),
  /** Of the shadow policy, all null without one: whether it differs now from what rules, how often it began to, and why it last did. */
  shadow_differs: z.optional(z.nullable(z.boolean())),
  shadow_differences: z.optional(z.nullable(z.int().check(z.nonnegative()))),
  shadow_reason: z.optional(z.nullable(z.string())),
  /** Rule of the schedule that holds now. */
  schedule_rule: z.optional(z.nullable(z.string())),
  /** Minutes until Headgate rules again; 0 where it is not paused. */
  pause_minutes: z.optional(z.int().check(z.nonnegative())),
  /** Settings that are overridden, and until when. */
  overrides: z.optional(z.record(z.string(), moment)),
});
export type BandwidthState = z.infer<typeof bandwidthState>;

/** A week. */
const MOST_MINUTES = 7 * 24 * 60;
const mbps = z.number().check(z.gte(0.01), z.lte(1_000_000));

/** What may be set from outside at `bandwidth/set/<what>`. Payloads are those that Home Assistant's switch, select, number and button send. */
export const bandwidthSet = {
  enabled: z.enum(['ON', 'OFF']),
  dry_run: z.enum(['ON', 'OFF']),
  algorithm: z.string().check(z.minLength(1), z.maxLength(64)),
  /** Percent of the capacity. */
  reserve: z.number().check(z.gte(0), z.lte(90)),
  /** Mbit/s; 0 goes back to what the configuration says. */
  capacity: z.number().check(z.gte(0), z.lte(1_000_000)),
  restore: z.literal('PRESS'),
  /** Minutes for which nothing is ruled; 0 goes on at once. */
  pause: z.number().check(z.gte(0), z.lte(MOST_MINUTES)),
  /** Settings until a moment, over all else. Rates in Mbit/s; what is absent stays as it is. */
  override: z.object({
    /** 0 takes the named ones back. */
    minutes: z.number().check(z.gte(0), z.lte(MOST_MINUTES)),
    enabled: z.optional(z.boolean()),
    dry_run: z.optional(z.boolean()),
    algorithm: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
    running_streams: z.optional(z.enum(['leave', 'renegotiate', 'restart'])),
    upload_mbps: z.optional(mbps),
    download_mbps: z.optional(mbps),
    reserve_percent: z.optional(z.number().check(z.gte(0), z.lte(90))),
    max_per_viewer_mbps: z.optional(mbps),
    torrents_mbps: z.optional(mbps),
  }),
  boost: z.object({
    /** `server/user` as in `viewers`. */
    viewer: z.string().check(z.minLength(1), z.maxLength(200)),
    /** 0 ends a boost. */
    minutes: z.number().check(z.gte(0), z.lte(24 * 60)),
    /** Mbit/s; absent: the largest cap that fits. */
    mbps: z.optional(z.number().check(z.gt(0), z.lte(2_147))),
  }),
} as const;
export type BandwidthSetWhat = keyof typeof bandwidthSet;
export type Boost = z.infer<typeof bandwidthSet.boost>;

// REST shapes of rehearsals; the web page imports these and nothing else of it.
import { z } from 'zod';

const bps = z.int().describe('bit/s');
const seconds = z.number().describe('seconds');
const moment = z.iso.datetime({ offset: true });

const limitFigures = z
  .object({ limited_s: seconds, mean_bps: bps.nullable(), least_bps: bps.nullable() })
  .describe('of all clients together, while they are limited');
const excess = z.object({ seconds, most_bps: bps });

const side = z.object({
  modes_s: z.record(z.enum(['idle', 'streaming', 'safe', 'off', 'unknown']), seconds),
  torrents: limitFigures,
  downloads: limitFigures,
  stopped_s: seconds,
  writes: z.object({ caps: z.int(), restores: z.int(), flaps: z.int() }),
  over_commitment: excess.describe('the minimums of viewers took more than there was'),
  exceeded: excess.describe('streams that ran drew more than there was for viewers'),
});

const viewerDifference = z.object({
  viewer: z.string(),
  server: z.string(),
  name: z.string(),
  lower_minutes: z.number(),
  higher_minutes: z.number(),
  least_was_bps: bps.nullable().describe('null: there was no cap of ours'),
  least_would_bps: bps.nullable(),
});

export const rehearsalView = z.object({
  from: moment.nullable().describe('null: nothing is recorded of that time'),
  to: moment.nullable(),
  turns: z.int(),
  replayed_s: seconds,
  thinned_s: seconds.describe('of that, known by one turn a minute only'),
  gaps: z.object({ count: z.int(), seconds, first: z.array(z.object({ from: moment, to: moment })) }),
  left_out: z.int().describe('turns that came too fast to be recorded'),
  decided_otherwise: z.int().describe('turns that this version decides otherwise than the one that recorded them'),
  was: side,
  would: side,
  differing_s: seconds,
  moments: z.int(),
  viewers: z.array(viewerDifference),
  first: z.array(z.object({ at: moment, lasted_s: seconds, what: z.string(), was_reason: z.string(), would_reason: z.string() })),
  changed_by_hand: z.array(z.string()),
  problems: z.array(z.string()),
  caveats: z.array(z.string()),
});

const rate = z.int().positive().max(1_000_000_000_000);
const ms = z.int().nonnegative().max(86_400_000);
const reserve = z.union([z.strictObject({ percent: z.number().min(0).max(90) }), z.strictObject({ bps: z.int().nonnegative() })]);

/** Only what is named is otherwise. */
export const overridesBody = z.strictObject({
  algorithm: z.string().min(1).max(64).optional(),
  apply: z.enum(['standing', 'active']).optional(),
  min_per_viewer_bps: rate.optional(),
  max_per_viewer_bps: rate.optional(),
  step_bps: rate.optional(),
  write_interval_ms: ms.optional(),
  throttle_after_ms: ms.optional(),
  restore_after_ms: ms.optional(),
  torrent_floor_bps: rate.optional(),
  reserve: reserve.optional(),
  capacity_up_bps: rate.nullable().optional().describe('null: what the shaper says'),
  capacity_down_bps: rate.nullable().optional(),
  default_class: z.string().min(1).max(64).optional(),
  torrents: z
    .strictObject({
      share: z.enum(['activity', 'fixed']).optional(),
      limit_downloads: z.enum(['never', 'streaming', 'always']).optional(),
      download_floor_bps: rate.optional(),
      download_reserve: reserve.optional(),
      pause_below_bps: rate.nullable().optional(),
    })
    .optional(),
});

const MOST_TEXT = 500_000;

export const rehearsalBody = z
  .strictObject({
    from: moment.optional().describe('a day before `to`'),
    to: moment.optional().describe('now'),
    settings: overridesBody.optional().describe('what is to be otherwise than it was'),
    configuration: z
      .string()
      .max(MOST_TEXT)
      .optional()
      .describe('the text of another controller.yaml; its secrets are not needed'),
  })
  .refine(
    ({ settings, configuration }) => (settings === undefined) !== (configuration === undefined),
    'give either settings or configuration',
  );

export const recordingsView = z.object({
  enabled: z.boolean(),
  problem: z.string().nullable(),
  turns: z.int().describe('of this run'),
  left_out: z.int(),
  bytes: z.int(),
  files: z.array(z.object({ name: z.string(), began: moment, bytes: z.int(), each: z.enum(['turn', 'minute']) })),
});

export const shadowView = z.object({
  since: moment,
  turns: z.int(),
  differs: z.boolean(),
  differences: z.int().describe('how often it began to differ'),
  differing_s: seconds,
  last: z.object({ at: moment, what: z.string(), reason: z.string(), live_reason: z.string() }).nullable(),
  mode: z.string().nullable(),
  reason: z.string().nullable(),
  torrent_limit_bps: bps.nullable(),
  viewers: z.array(z.object({ viewer: z.string(), server: z.string(), name: z.string(), cap_bps: bps.nullable() })),
  problem: z.string().nullable(),
});

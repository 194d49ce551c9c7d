// Sections that say how the uplink is shared: bandwidth and viewers.
import { z } from 'zod';
import { scheduleList } from './schema-schedule.ts';
import { across, type SchemaDeps } from './schema-tools.ts';
import { duration, flag, MAX_LINE_BPS, plainName, rate, text, weight } from './values.ts';

const HOUR_MS = 3_600_000;

/** A record in JSON form is `unknown` to a check: own keys only. */
const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

/** Those that are read already, each at its place. */
const rulesOf = (value: unknown): readonly { readonly maxPerViewerBps?: unknown }[] =>
  Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'object' && one !== null ? one : {})) : [];

const bandwidthKeys = (deps: SchemaDeps) =>
  z.strictObject({
    enabled: flag().describe('Caps and limits are set. false: everything is as its owner set it.').prefault(true),
    dry_run: flag().describe('Decide and tell, but change nothing at any neighbour.').prefault(false),
    algorithm: z
      .string({ error: 'must be text' })
      .refine((name) => deps.algorithms.includes(name), {
        error: (issue) => `"${String(issue.input)}" is not an algorithm; there are ${deps.algorithms.join(', ')}`,
      })
      .describe('How viewers share: equal, priority (by class) or demand (by what each stream needs).')
      .meta({ kind: 'name' })
      .prefault('demand'),
    min_per_viewer: rate().describe('No viewer is capped below this, even when the uplink is full.').prefault(2),
    max_per_viewer: rate().describe('No viewer gets more than this.').prefault(50),
    apply: z
      .enum(['standing', 'active'], { error: 'must be standing or active' })
      .describe(
        'standing: every user who may watch from outside always carries the cap that a stream starting now would get. active: only who streams.',
      )
      .prefault('standing'),
    step: rate(100_000).describe('Caps move in steps of this.').prefault(0.5),
    write_interval: duration(0, HOUR_MS)
      .describe('At most one write per user in this time, unless the cap falls.')
      .prefault('30s'),
    throttle_after: duration(0, HOUR_MS).describe('How long somebody must watch before anything is throttled.').prefault('0s'),
    restore_after: duration(0, 24 * HOUR_MS)
      .describe('How long it must be quiet before everything is put back.')
      .prefault('60s'),
    running_streams: z
      .enum(['leave', 'renegotiate', 'restart'], { error: 'must be leave, renegotiate or restart' })
      .describe(
        'Streams that run already when there is too little for them. leave: their next film obeys. renegotiate: their player is asked to negotiate anew (the picture is away for 2 to 6 s). restart: one that did not is begun anew at its place.',
      )
      .prefault('renegotiate'),
    renegotiate_clients: z
      .array(text())
      .describe('Players that were tried, by the name that they give themselves; all others are left alone.')
      .meta({ kind: 'list of names' })
      .prefault(['Jellyfin Web']),
    viewer_message: z
      .string({ error: 'must be text' })
      .max(200, 'must have at most 200 characters')
      .describe('Shown for some seconds to a viewer whose running stream was lowered; {rate} is the limit. Empty: nothing.')
      .meta({ kind: 'text' })
      .prefault('The home’s line is full: lowered to {rate} for now.'),
    torrent_floor: rate(8_192).describe('Torrent clients together are always left this much.').prefault(0.5),
    classes: z
      .record(plainName(), weight())
      .describe('Weights of the viewer classes for the algorithm `priority`.')
      .meta({ kind: 'class: weight' })
      .prefault({ admin: 3, premium: 2, regular: 1 }),
    default_class: plainName().describe('Class of a viewer that `viewers` does not name.').prefault('regular'),
    schedule: scheduleList(),
  });

export const bandwidthSection = (deps: SchemaDeps) =>
  bandwidthKeys(deps)
    .check(
      across((bandwidth, tell) => {
        const { min_per_viewer: min, max_per_viewer: max } = bandwidth;
        if (typeof min === 'number' && typeof max === 'number' && max <= min)
          tell('max_per_viewer', `must be more than min_per_viewer (they are ${max / 1e6} and ${min / 1e6} Mbit/s)`);
        for (const [index, { maxPerViewerBps }] of rulesOf(bandwidth['schedule']).entries())
          if (typeof min === 'number' && typeof maxPerViewerBps === 'number' && maxPerViewerBps <= min)
            tell(['schedule', index, 'max_per_viewer'], `must be more than min_per_viewer (${min / 1e6} Mbit/s)`);
        const { default_class: name, classes } = bandwidth;
        if (typeof name === 'string' && !keysOf(classes).includes(name))
          tell('default_class', `"${name}" is not one of the classes (${keysOf(classes).join(', ')})`);
      }),
    )
    .transform((bandwidth) => ({
      enabled: bandwidth.enabled,
      dryRun: bandwidth.dry_run,
      algorithm: bandwidth.algorithm,
      minPerViewerBps: bandwidth.min_per_viewer,
      maxPerViewerBps: bandwidth.max_per_viewer,
      apply: bandwidth.apply,
      stepBps: bandwidth.step,
      writeIntervalMs: bandwidth.write_interval,
      throttleAfterMs: bandwidth.throttle_after,
      restoreAfterMs: bandwidth.restore_after,
      runningStreams: bandwidth.running_streams,
      renegotiateClients: bandwidth.renegotiate_clients,
      viewerMessage: bandwidth.viewer_message,
      torrentFloorBps: bandwidth.torrent_floor,
      classes: bandwidth.classes,
      defaultClass: bandwidth.default_class,
      schedule: bandwidth.schedule,
    }))
    .prefault({});

const viewer = () =>
  z
    .strictObject({
      class: plainName().describe('One of `bandwidth.classes`.').optional(),
      min: rate().describe('Instead of `bandwidth.min_per_viewer`.').optional(),
      max: rate(10_000, MAX_LINE_BPS).describe('Instead of `bandwidth.max_per_viewer`.').optional(),
      exempt: flag().describe('true: never capped.').prefault(false),
    })
    .check(
      across((one, tell) => {
        const { min, max } = one;
        if (typeof min === 'number' && typeof max === 'number' && max < min) tell('max', 'must not be less than min');
      }),
    )
    .transform((one) => ({
      class: one.class ?? null,
      minBps: one.min ?? null,
      maxBps: one.max ?? null,
      exempt: one.exempt,
    }));

export const viewersSection = () =>
  z
    .record(text(), viewer())
    .describe('Single viewers, by user name (`anna`) or, where two servers differ, by server and user (`main/anna`).')
    .meta({ kind: 'name: viewer' })
    .prefault({});

// The section rehearsal: what is recorded so that it can be replayed under other settings, and the shadow policy beside the one that rules.
import { z } from 'zod';
import { across, type SchemaDeps } from './schema-tools.ts';
import { duration, flag, plainName, rate, rateOr, reserve, size, whole } from './values.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const recording = () =>
  z
    .strictObject({
      enabled: flag()
        .describe(
          'What each decision is made of is recorded, some MB a day, in `recordings/` of the data folder; it names viewers.',
        )
        .prefault(false),
      days: whole(1, 366).describe('Days for which every turn is kept, one a second and more.').prefault(2),
      thinned_days: whole(1, 3_660).describe('Days for which one turn a minute is kept; then it is deleted.').prefault(30),
      max_size: size(4_000_000, 100_000_000_000)
        .describe('All recordings together; above it the oldest are thinned out, then deleted.')
        .prefault('500MB'),
    })
    .transform((one) => ({
      enabled: one.enabled,
      fullMs: one.days * DAY_MS,
      thinnedMs: Math.max(one.days, one.thinned_days) * DAY_MS,
      maxBytes: one.max_size,
    }))
    .describe('What `--rehearse` and `POST /api/bandwidth/rehearsals` replay.')
    .prefault({});

const shadowTorrents = () =>
  z
    .strictObject({
      share: z
        .enum(['activity', 'fixed'], { error: 'must be activity or fixed' })
        .describe('Instead of `torrents.share`.')
        .optional(),
      limit_downloads: z
        .enum(['never', 'streaming', 'always'], { error: 'must be never, streaming or always' })
        .describe('Instead of `torrents.limit_downloads`.')
        .optional(),
      download_floor: rate(8_192).describe('Instead of `torrents.download_floor`.').optional(),
      download_reserve: reserve().describe('Instead of `torrents.download_reserve`.').optional(),
      pause_below: rateOr(['off'], 8_192).describe('Instead of `torrents.pause_below`.').optional(),
    })
    .describe('Instead of keys of `torrents`.')
    .optional();

const shadow = (deps: SchemaDeps) =>
  z
    .strictObject({
      algorithm: z
        .string({ error: 'must be text' })
        .refine((name) => deps.algorithms.includes(name), {
          error: (issue) => `"${String(issue.input)}" is not an algorithm; there are ${deps.algorithms.join(', ')}`,
        })
        .describe('Instead of `bandwidth.algorithm`.')
        .meta({ kind: 'name' })
        .optional(),
      apply: z
        .enum(['standing', 'active'], { error: 'must be standing or active' })
        .describe('Instead of `bandwidth.apply`.')
        .optional(),
      min_per_viewer: rate().describe('Instead of `bandwidth.min_per_viewer`.').optional(),
      max_per_viewer: rate().describe('Instead of `bandwidth.max_per_viewer`.').optional(),
      step: rate(100_000).describe('Instead of `bandwidth.step`.').optional(),
      throttle_after: duration(0, HOUR_MS).describe('Instead of `bandwidth.throttle_after`.').optional(),
      restore_after: duration(0, DAY_MS).describe('Instead of `bandwidth.restore_after`.').optional(),
      torrent_floor: rate(8_192).describe('Instead of `bandwidth.torrent_floor`.').optional(),
      default_class: plainName().describe('Instead of `bandwidth.default_class`.').optional(),
      upload: rate().describe('Instead of `uplink.upload`.').optional(),
      download: rate().describe('Instead of `uplink.download`.').optional(),
      reserve: reserve().describe('Instead of `uplink.reserve`.').optional(),
      torrents: shadowTorrents(),
    })
    .check(
      across((one, tell) => {
        const { min_per_viewer: min, max_per_viewer: max } = one;
        if (typeof min === 'number' && typeof max === 'number' && max <= min)
          tell('max_per_viewer', 'must be more than min_per_viewer');
        if (Object.keys(one).length === 0) tell([], 'names nothing that is to be otherwise');
      }),
    )
    .transform(({ torrents, ...one }) => ({
      algorithm: one.algorithm,
      apply: one.apply,
      minPerViewerBps: one.min_per_viewer,
      maxPerViewerBps: one.max_per_viewer,
      stepBps: one.step,
      throttleAfterMs: one.throttle_after,
      restoreAfterMs: one.restore_after,
      torrentFloorBps: one.torrent_floor,
      defaultClass: one.default_class,
      capacityUpBps: one.upload,
      capacityDownBps: one.download,
      reserve: one.reserve,
      torrents: {
        share: torrents?.share,
        limitDownloads: torrents?.limit_downloads,
        downloadFloorBps: torrents?.download_floor,
        downloadReserve: torrents?.download_reserve,
        pauseBelowBps: torrents?.pause_below === 'off' ? null : torrents?.pause_below,
      },
    }))
    .describe('Decides beside what rules, with these instead of the keys above, and carries nothing out: what differs is shown.')
    .optional();

export const rehearsalSection = (deps: SchemaDeps) =>
  z
    .strictObject({ recording: recording(), shadow: shadow(deps) })
    .transform((rehearsal) => ({ recording: rehearsal.recording, shadow: rehearsal.shadow ?? null }))
    .describe('How another policy would do, before it is switched on. Both parts are off unless they are asked for.')
    .prefault({});

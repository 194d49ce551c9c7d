// The list bandwidth.schedule: what holds at some hours of the week instead of what the other keys say.
import { z } from 'zod';
import { named } from './schema-neighbours.ts';
import { LEAST_SHAPER_BPS } from './schema-shaper.ts';
import { across } from './schema-tools.ts';
import { flag, isFixed, plainName, rate, reserve } from './values.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DAY_MINUTES = 1_440;
const MOST_RULES = 100;

/** Minutes from midnight. */
export const time = () =>
  z
    .string({ error: 'must be a time of day in quotes, such as "18:00"' })
    .regex(TIME, 'must be a time of day such as "18:00", at most "24:00"')
    .transform((value) => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)))
    .meta({ kind: 'time of day' });

const rule = () =>
  z
    .strictObject({
      name: plainName().describe('Shown while it holds.'),
      days: z
        .array(z.enum(WEEKDAYS, { error: `must be ${WEEKDAYS.join(', ')}` }))
        .describe('Days on which it begins; none: every day.')
        .meta({ kind: `list of ${WEEKDAYS.join(', ')}` })
        .prefault([]),
      from: time().describe('By the clocks of the home (`home.time_zone`).').prefault('00:00'),
      to: time().describe('Before `from`: on the next day.').prefault('24:00'),
      upload: rate().describe('Instead of `uplink.upload`.').optional(),
      download: rate().describe('Instead of `uplink.download`.').optional(),
      shaper_upload: rate(LEAST_SHAPER_BPS).describe('Instead of `shaper.upload`.').optional(),
      shaper_download: rate(LEAST_SHAPER_BPS).describe('Instead of `shaper.download`.').optional(),
      reserve: reserve().describe('Instead of `uplink.reserve`.').optional(),
      max_per_viewer: rate().describe('Instead of `bandwidth.max_per_viewer`.').optional(),
      torrent_floor: rate(8_192).describe('Instead of `bandwidth.torrent_floor`.').optional(),
      download_floor: rate(8_192).describe('Instead of `torrents.download_floor`.').optional(),
      download_reserve: reserve().describe('Instead of `torrents.download_reserve`.').optional(),
      pause: flag().describe('true: nothing is ruled at these hours; everything is as its owner had it.').optional(),
      running_streams: z
        .enum(['leave', 'renegotiate', 'restart'], { error: 'must be leave, renegotiate or restart' })
        .describe('Instead of `bandwidth.running_streams`: with leave nobody is interrupted at these hours.')
        .optional(),
      limit_while_streaming: rate(8_192).describe('Instead of `limit_while_streaming` of each download client.').optional(),
      limit_when_idle: rate(8_192).describe('Instead of `limit_when_idle` of each download client.').optional(),
    })
    .check(
      across((one, tell) => {
        const { from, to, upload, reserve: kept } = one;
        if (from !== undefined && from === to) tell('to', 'must not be the same as from: leave both out where it holds all day');
        if (from === DAY_MINUTES) tell('from', 'must be before "24:00"');
        if (typeof upload === 'number' && isFixed(kept) && kept.bps >= upload) tell('reserve', 'must be less than upload');
      }),
    )
    .transform((one) => ({
      name: one.name,
      weekdays: one.days.map((day) => WEEKDAYS.indexOf(day)),
      fromMinute: one.from,
      toMinute: one.to,
      enabled: one.pause === undefined ? undefined : !one.pause,
      runningStreams: one.running_streams,
      capacityUpBps: one.upload,
      capacityDownBps: one.download,
      shaperUpBps: one.shaper_upload,
      shaperDownBps: one.shaper_download,
      reserve: one.reserve,
      maxPerViewerBps: one.max_per_viewer,
      torrentFloorBps: one.torrent_floor,
      downloadFloorBps: one.download_floor,
      downloadReserve: one.download_reserve,
      whileStreamingBps: one.limit_while_streaming,
      whenIdleBps: one.limit_when_idle,
    }));

export const scheduleList = () =>
  named(rule())
    .refine((rules) => rules.length <= MOST_RULES, `must have at most ${MOST_RULES} rules`)
    .describe('Rules for some hours of the week. The first that fits now holds; what was changed by hand stands over it.')
    .meta({ kind: 'list of rules' })
    .prefault([]);

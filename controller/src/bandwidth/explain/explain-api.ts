// REST shapes of "why": the numbers of one viewer's cap or one client's limits, and the sentences.
import { z } from 'zod';

const bps = z.number().describe('bit/s');
const moment = z.iso.datetime({ offset: true });

const uplink = z.object({
  capacity_bps: bps,
  capacity_from: z.enum(['operator', 'router']).nullable(),
  reserve_bps: bps,
  other_bps: bps,
  other_known: z.boolean(),
  torrent_floor_bps: bps,
  viewers_bps: bps.describe('capacity − reserve − other − floor, never less than 0'),
  running_bps: bps.describe('what remote streams draw'),
  unbound_bps: bps.describe('of it, streams that no cap binds'),
  available_bps: bps.describe('for those that a cap binds'),
  new_stream_bps: bps.describe('for one that started now'),
  torrents_bps: bps,
  over_commitment_bps: bps,
});

const when = {
  at: moment.describe('when it was decided'),
  until: moment.nullable().describe('when the next changed decision came; null where it stands'),
  ended_by_restart: z
    .boolean()
    .describe('the next one was the first after a start: when Headgate stopped before it is not known'),
  mode: z.string(),
  dry_run: z.boolean(),
  schedule_rule: z.string().nullable(),
  uplink: uplink.nullable().describe('null while the capacity is not known'),
  sentences: z.array(z.string()),
};

const viewerWhy = z.object({
  viewer: z.string(),
  cap_bps: bps.nullable().describe('for each of their streams; null: as the user had it'),
  effective_bps: bps.nullable().describe('what the media server applies; null: nothing limits them'),
  effective_from: z.enum(['headgate', 'user', 'server']).nullable(),
  why: z.string(),
  basis: z.enum(['share', 'standing', 'boost', 'safe', 'none']),
  algorithm: z.string(),
  class: z.string(),
  min_bps: bps,
  max_bps: bps,
  step_bps: bps,
  wanted_bps: bps.nullable().describe('before holds and the owner’s limit'),
  in_force_bps: bps.nullable().describe('the least that was wanted within restore_after'),
  rises_at: moment.nullable(),
  rises_to_bps: bps.nullable(),
  ceiling_bps: bps.nullable(),
  ceiling_from: z.enum(['user', 'server']).nullable().describe("a user without a limit has the server's"),
  boost: z.object({ bps: bps.nullable(), until: moment }).nullable(),
  streams: z.array(
    z.object({
      viewer: z.string(),
      demand_bps: bps,
      demand_from: z.string(),
      wire_bps: bps.describe('what it draws of the line, by what was learned of players like it'),
      wish_bps: bps.describe('without limits'),
      bound: z.boolean().describe('a cap binds it'),
      weight: z.number(),
      min_bps: bps,
      max_bps: bps,
    }),
  ),
  more_streams: z.int(),
  boosts: z.array(z.object({ viewer: z.string(), bps: bps.nullable(), until: moment })).describe('who comes before the others'),
});

const sideWhy = z
  .object({
    cap_bps: bps.nullable(),
    used_bps: bps,
    weight: z.number(),
    busy: z.boolean(),
    ceiling_bps: bps.nullable(),
    fixed_bps: bps.nullable(),
    idle_bps: bps.nullable(),
    wanted_total_bps: bps.nullable(),
    total_bps: bps.nullable().describe('for all clients together'),
    rises_at: moment.nullable(),
    rises_to_bps: bps.nullable(),
    clients: z.array(
      z.object({
        client: z.string(),
        weight: z.number(),
        busy: z.boolean(),
        ceiling_bps: bps.nullable(),
        fixed_bps: bps.nullable(),
      }),
    ),
  })
  .nullable();

const clientWhy = z.object({
  client: z.string(),
  share: z.enum(['activity', 'fixed']),
  paused: z.boolean(),
  upload: sideWhy,
  download: sideWhy,
});

export const explanationView = z.object({ ...when, viewer: viewerWhy.nullable(), client: clientWhy.nullable() });

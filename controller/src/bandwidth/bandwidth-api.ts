// REST shapes of the bandwidth feature; the web page imports these and nothing else of it.
import { z } from 'zod';

const bps = z.int().describe('bit/s');
const moment = z.iso.datetime({ offset: true });
const health = z
  .object({
    state: z.enum(['live', 'polling', 'starting', 'unreachable', 'refused']),
    since: moment,
    problem: z.string().nullable(),
  })
  .nullable();

export const streamView = z.object({
  id: z.string(),
  server: z.string(),
  viewer: z.string(),
  user: z.string(),
  title: z.string(),
  client: z.string(),
  device: z.string(),
  kind: z.enum(['video', 'audio', 'live', 'photo', 'download']),
  place: z.enum(['home', 'vpn', 'remote', 'unknown']),
  said_place: z
    .enum(['local', 'remote', 'relayed'])
    .nullable()
    .describe('what the media server says of it; null where it says nothing'),
  address: z.string().nullable(),
  counts: z.boolean().describe('takes part in the budget now'),
  capped: z.boolean().describe('the media server applies its limit to this viewer'),
  paused: z.boolean(),
  cut_off: z.boolean(),
  cap_state: z
    .enum(['free', 'unknown', 'obeyed', 'pending', 'asked', 'ignored'])
    .describe(
      'what its server’s limit makes of it: pending: the limit came after it began; asked: its player was asked to negotiate anew; ignored: it takes more all the same',
    ),
  demand_bps: bps,
  wire_bps: bps.describe('what it takes of the line, by what was learned of players like it'),
  demand_from: z.enum(['reservation', 'transcode', 'source', 'height', 'default']),
  transcoding: z.boolean(),
  hint: z.string().nullable(),
});

const budgetView = z.object({
  capacity_bps: bps,
  reserve_bps: bps,
  other_bps: bps,
  viewers_bps: bps,
  new_stream_bps: bps,
  torrents_bps: bps,
  headroom_bps: bps,
  running_bps: bps,
});

const downloadBudgetView = z.object({
  capacity_bps: bps,
  reserve_bps: bps,
  other_bps: bps.describe('what is fetched beside the download clients'),
  downloads_bps: bps.describe('for all download clients together, where they are limited'),
});

const viewerView = z.object({
  viewer: z.string(),
  server: z.string(),
  name: z.string(),
  cap_bps: bps.nullable().describe('null: as the user had it'),
  streams: z.int(),
  why: z.string(),
  limit_bps: bps.nullable().describe('what stands there; 0 or less is none'),
  original_bps: bps.nullable().describe('what it goes back to'),
  applies_bps: bps.nullable().describe('what its server applies: the user’s limit, else the server’s; null is none'),
});

const torrentClientView = z.object({
  name: z.string(),
  type: z.string(),
  on_uplink: z.boolean(),
  mode: z.enum(['normal', 'alternative']).nullable(),
  cap_bps: bps.nullable().describe('null: as the user had it'),
  limit_bps: bps.nullable().describe('what stands there; 0 or less is none'),
  original_bps: bps.nullable().describe('what it goes back to, in this mode'),
  upload_bps: bps,
  download_cap_bps: bps.nullable(),
  download_limit_bps: bps.nullable(),
  download_original_bps: bps.nullable(),
  download_bps: bps,
  paused: z.boolean().describe('is to be stopped, for too little is left for torrents'),
  limits_lan_peers: z.boolean().nullable(),
  health,
});

const reserve = z.union([z.object({ percent: z.number() }), z.object({ bps })]);

const settingsView = z.object({
  enabled: z.boolean(),
  dry_run: z.boolean(),
  schedule_rule: z.string().nullable().describe('Rule of `bandwidth.schedule` that holds now.'),
  algorithm: z.string(),
  apply: z.enum(['standing', 'active']),
  reserve,
  capacity_bps: bps.nullable(),
  torrents: z.object({
    share: z.enum(['activity', 'fixed']),
    limit_downloads: z.enum(['never', 'streaming', 'always']),
    download_floor_bps: bps,
    download_reserve: reserve,
    pause_below_bps: bps.nullable(),
  }),
  running_streams: z.enum(['leave', 'renegotiate', 'restart']),
  boosts: z.array(z.object({ viewer: z.string(), bps: bps.nullable(), until: moment })),
  overrides: z
    .array(z.object({ settings: z.record(z.string(), z.unknown()), until: moment }))
    .describe('settings that hold until a moment, over all else'),
});

export const bandwidthView = z.object({
  mode: z.enum(['idle', 'streaming', 'safe', 'off', 'unknown']),
  reason: z.string(),
  settings: settingsView,
  budget: budgetView.nullable(),
  download_budget: downloadBudgetView.nullable().describe('null while the download capacity is not known'),
  capacity_up_bps: bps.nullable(),
  capacity_down_bps: bps.nullable(),
  capacity_from: z.enum(['operator', 'router']).nullable(),
  over_commitment_bps: bps,
  router_silent_s: z.number().nullable(),
  stale_since: moment.nullable(),
  viewers: z.array(viewerView),
  torrent_clients: z.array(torrentClientView),
  media_servers: z.array(z.object({ name: z.string(), type: z.string(), on_uplink: z.boolean(), health })),
  players: z
    .array(
      z.object({
        client: z.string(),
        method: z.enum(['direct', 'remux', 'transcode']),
        overhead: z.number().describe('what it draws by what its film needs: three quarters of the time less'),
        half_minutes: z.int().describe('that were measured'),
      }),
    )
    .describe('what was learned of how much players draw'),
  originals_held: z.int(),
  warnings: z.array(z.string()),
});

export const decisionView = z.object({
  id: z.string(),
  at: moment,
  mode: z.string(),
  reason: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

/** Only what is named is changed. */
export const settingsBody = z
  .strictObject({
    enabled: z.boolean().optional(),
    dry_run: z.boolean().optional(),
    algorithm: z.string().min(1).max(64).optional(),
    reserve_percent: z.number().min(0).max(90).optional(),
    capacity_mbps: z.number().min(0).max(1_000_000).optional().describe('Mbit/s; 0 goes back to what the configuration says'),
  })
  .refine((body) => Object.keys(body).length > 0, 'names nothing to change');

export const boostBody = z.strictObject({
  viewer: z.string().min(1).max(200).describe('server/user name, or the viewer of /api/bandwidth'),
  minutes: z.number().min(0).max(1_440).describe('0 ends a boost'),
  mbps: z.number().positive().max(2_147).optional().describe('absent: the largest cap that fits'),
});

const minutes = z.number().min(0).max(10_080);
const mbps = z.number().min(0.01).max(1_000_000);

export const pauseBody = z.strictObject({ minutes: minutes.describe('0 goes on at once') });

export const overrideBody = z
  .strictObject({
    minutes: minutes.describe('0 takes the named settings back'),
    enabled: z.boolean().optional(),
    dry_run: z.boolean().optional(),
    algorithm: z.string().min(1).max(64).optional(),
    running_streams: z.enum(['leave', 'renegotiate', 'restart']).optional(),
    upload_mbps: mbps.optional().describe('Mbit/s'),
    download_mbps: mbps.optional(),
    reserve_percent: z.number().min(0).max(90).optional(),
    max_per_viewer_mbps: mbps.optional(),
    torrents_mbps: mbps.optional().describe('of each download client, whether somebody watches or not'),
  })
  .refine((body) => Object.keys(body).length > 1, 'names nothing to override');

export const linePartView = z.object({
  kind: z.enum(['stream', 'client', 'other', 'reserve', 'free']),
  name: z.string(),
  class: z.string().describe('a viewer’s class, or `channel`, `torrents`, `distribution`'),
  takes_bps: bps,
  may_bps: bps.nullable().describe('null: nothing limits it'),
  why: z.string(),
});

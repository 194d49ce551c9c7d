// Pure: what sync's API answers, in the names that jellyfin-db-sync gave; what it lacked has names of its own beside them.
import { z } from 'zod';

const moment = z.iso.datetime();
const count = z.number().int().nonnegative();

/** Fields that are not there are not told of. */
export const stateView = z.object({
  played: z.boolean().optional(),
  play_count: z.number().optional(),
  position_ms: z.number().optional(),
  favorite: z.boolean().optional(),
  rating: z.number().nullable().optional(),
  last_played_at: z.iso.datetime().nullable().optional(),
});

export const queueView = z.object({
  pending_events: count.describe('Still to be brought to a server, those on their way included.'),
  processing_events: count.describe('On their way at this moment.'),
  waiting_for_item_events: count.describe('Until a server has the item.'),
  failed_events: count.describe('Set aside with their reason, until somebody tries them again or drops them.'),
  held_events: count.describe('Held until a person says whether many losses at once are meant.'),
  inbox_events: count.describe('Hooks that were taken and are not worked on yet.'),
  lag_seconds: z.number().describe('Age of the oldest that is pending.'),
  worker_running: z.boolean(),
  paused: z.boolean(),
  dry_run: z.boolean(),
});

export const serverView = z.object({
  name: z.string(),
  url: z.string(),
  direction: z.enum(['both', 'source', 'target']),
  passwordless: z.boolean(),
  healthy: z.boolean().describe('It answers.'),
  away_since: moment.nullable(),
  problem: z.string().nullable(),
  version: z.string().nullable().describe('Null before it was asked for the first time.'),
  user_count: count,
  item_count: count,
  pending_events: count,
  hooks: z
    .enum(['expected', 'lost', 'none'])
    .describe('Its webhook plugin sends to us; `lost`: something was played and none came; `none`: it is found by looking only.'),
  missed_hooks: count.describe('Beginnings and ends of playings of which no hook came, in this run; each was found by looking.'),
  last_missed_hook_at: moment.nullable(),
  clock_skew_seconds: z.number().nullable().describe('Its clock minus ours; null where not known.'),
  clock_skew_within_seconds: z.number().nullable().describe('How far that may be off.'),
});

export const statusView = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  problem: z.string().nullable(),
  uptime_seconds: z.number(),
  version: z.string(),
  servers: z.array(serverView),
  queue: queueView,
  database: z.object({
    connected: z.boolean(),
    user_mappings_count: count,
    pending_events_count: count,
    sync_log_entries: count,
    item_cache_total: count,
    item_cache_by_server: z.record(z.string(), count),
    database_size_bytes: count.nullable().describe('Null with PostgreSQL.'),
  }),
  sync_stats: z
    .object({ total_synced: count, successful: count, failed: count, last_sync_at: moment.nullable() })
    .describe('As far back as the log goes (`sync.log_days`).'),
});

const eventFields = {
  id: z.number(),
  event_type: z.string(),
  source_server: z.string().describe('Where it was done last; `undo` for what was taken back here.'),
  target_server: z.string(),
  username: z.string(),
  item_name: z.string(),
  item_path: z.string().nullable(),
  status: z.string(),
  last_error: z.string().nullable(),
  created_at: moment,
  next_retry_at: moment.nullable().describe('Null: not by itself.'),
};
/** Pending, or set aside. */
export const queuedEvent = z.object({ ...eventFields, retry_count: count });
export const waitingEvent = z.object({
  ...eventFields,
  item_not_found_count: count,
  item_not_found_max: z.number().describe('-1: for ever, as it is without a path policy.'),
});

export const done = z.object({ success: z.boolean(), message: z.string() });

export const logEntry = z.object({
  id: z.number(),
  event_type: z.string(),
  source_server: z.string(),
  target_server: z.string(),
  username: z.string(),
  item_id: z.string(),
  item_name: z.string(),
  synced_value: z.string(),
  success: z.boolean(),
  message: z.string(),
  created_at: moment,
  before: stateView.describe('Of what was written: what was there.'),
  after: stateView,
});

export const logView = z.object({ entries: z.array(logEntry), total: count, limit: count, offset: count });

export const usersView = z.object({
  servers: z.array(z.string()),
  users: z.array(
    z.object({
      username: z.string().describe('The person: lower case, or as `sync.user_map` says.'),
      servers: z.record(z.string(), z.string().nullable()).describe('Id of the user on each server; null: none.'),
    }),
  ),
});

export const explainView = z.object({
  person: z.string(),
  identity: z.string().describe('Names the item on all servers.'),
  item_name: z.string(),
  fields: z.array(
    z.object({
      field: z.string(),
      value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      set_at: moment.nullable().describe('Null: since before the servers met.'),
      set_by: z.string().describe('The server where it was done, or `undo`.'),
      why: z.string(),
    }),
  ),
  servers: z.array(
    z.object({
      server: z.string(),
      user: z.string(),
      item_id: z.string(),
      item_name: z.string(),
      item_path: z.string().nullable(),
      last_seen: stateView.nullable(),
      last_read_at: moment.nullable(),
      now: stateView.nullable(),
      problem: z.string().nullable().describe('Why `now` is missing.'),
      differs: z.array(z.string()).describe('Fields that are not as agreed there.'),
      held: z.array(z.string()).describe('Fields whose loss there is held until somebody says whether it is meant.'),
    }),
  ),
  lacking: z.array(z.string()).describe('Servers that do not have the item.'),
  waiting: z.array(queuedEvent.extend({ why: z.string() })),
  log: z.array(logEntry).describe('What was written last, the newest first.'),
});

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const undoView = z.object({
  dry_run: z.boolean(),
  entries: count.describe('Of the log, that are taken back.'),
  items: count.describe('All that change; `changes` shows the first of them.'),
  changes: z.array(
    z.object({
      username: z.string(),
      item_name: z.string(),
      identity: z.string(),
      fields: z.array(z.object({ field: z.string(), from: value, to: value })),
      kept: z.array(z.string()).describe('Why a field stays as it is.'),
      servers: z.array(z.string()).describe('That are brought to it.'),
    }),
  ),
  playlists: z
    .array(
      z.object({
        username: z.string(),
        playlist: z.string(),
        entries: count.nullable().describe('It has so many by then; null: it stays as it is.'),
        kept: z.array(z.string()).describe('Why something of it stays as it is.'),
      }),
    )
    .describe('Of a range of time. One entry of their own log: `/api/playlists/log/{id}/undo`.'),
});

export const undoBody = z
  .strictObject({
    id: z.number().int().positive().optional().describe('Of one entry of the log.'),
    since: z.iso.datetime({ offset: true }).optional(),
    until: z.iso.datetime({ offset: true }).optional().describe('Now, where it is missing.'),
    person: z.string().min(1).max(255).optional(),
    server: z.string().min(1).max(64).optional().describe('Only what was written there.'),
    force: z.boolean().default(false).describe('true: also what was set anew since.'),
    dry_run: z.boolean().default(false).describe('true: only tells what would change.'),
  })
  .superRefine(({ id, since, until }, context) => {
    const tell = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    if (id === undefined && since === undefined) tell('id', 'an entry of the log, or since for a range of time, is needed');
    if (id !== undefined && since !== undefined) tell('since', 'does not go with id');
    if (until !== undefined && since === undefined) tell('until', 'goes with since');
    if (since !== undefined && until !== undefined && Date.parse(until) < Date.parse(since)) tell('until', 'is before since');
  });

const writes = z.object({ items: count, progress: count, watched: count, favorites: count, ratings: count });

export const alignmentView = z.object({
  dry_run: z.boolean().describe('true: it was only said what would be written.'),
  users: z.array(
    z.object({
      server: z.string(),
      user_id: z.string(),
      username: z.string(),
      met_at: moment.nullable().describe('Null: it was not compared yet.'),
      touched: count.describe('Items that the user had touched there.'),
      joined: count.describe('Of them, those that had news for others.'),
      writes: z.record(z.string(), writes).describe('By server: items to be written there because of it, by kind.'),
    }),
  ),
});

export const compareView = z.object({
  servers: z.array(
    z.object({
      server: z.string(),
      state: z.enum(['done', 'running', 'failed']),
      differing: count.nullable().describe('States that nobody had told of; null where they are not counted yet.'),
      problem: z.string().nullable(),
    }),
  ),
});

// What was done and why, over HTTP: the log, an explanation of one item, and all that is known as lines of JSON.
import { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Route, rawBody, route } from '../../http/route.ts';
import { viewLogEntry } from '../shown/event-view.ts';
import { type ExplainDeps, explain } from '../shown/explain.ts';
import { type ExplainStanding, viewExplained } from '../shown/explain-view.ts';
import { type ExportDeps, exportLines } from '../shown/export.ts';
import { readLog } from '../shown/log-reading.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { explainView, logView } from '../sync-api.ts';

export type LogDeps = ExplainDeps &
  ExportDeps & {
    readonly db: Kysely<SyncTables>;
    readonly standing: () => ExplainStanding;
  };

const tags = ['sync'];
const YEAR_MINUTES = 525_600;

export const logRoutes = (deps: LogDeps): readonly Route[] => [
  log(deps),
  route({
    method: 'get',
    path: '/api/sync/explain',
    summary: "Why a person's item is what it is",
    description:
      'What is agreed of each field, who set it and when, what each server was last seen to have and has now, what waits for it, and what was written last. Servers are asked, for at most three seconds.',
    tags,
    access: 'read',
    query: z.object({
      user: z.string().min(1).max(255).describe('A person, or the name or id of a user on any server.'),
      item: z.string().min(1).max(1_000).describe('Its title, its id on a server, or what names it on all of them (`identity`).'),
      server: z.string().min(1).max(64).optional().describe('Only what is there; `item` is an id of this server.'),
    }),
    response: explainView,
    handler: async ({ query: { user, item, server }, signal }) =>
      viewExplained(await explain(deps, { user, item, server: server ?? null }, signal), deps.standing()),
  }),
  route({
    method: 'get',
    path: '/api/sync/export',
    summary: 'All that is agreed and seen, as lines of JSON',
    description: 'A backup that a person can read. Its last line is `{"kind":"end"}`: without it, it is not whole.',
    tags,
    access: 'read',
    response: rawBody,
    contentType: 'application/x-ndjson; charset=utf-8',
    handler({ signal, reply, method }) {
      reply.header('Content-Disposition', 'attachment; filename="headgate-sync.jsonl"');
      return method === 'HEAD' ? '' : Readable.from(exportLines(deps, signal), { objectMode: false });
    },
  }),
];

const log = ({ db, nowMs }: LogDeps): Route =>
  route({
    method: 'get',
    path: '/api/sync-log',
    summary: 'What was written to which server, the newest first',
    tags,
    access: 'read',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
      since_minutes: z.coerce
        .number()
        .positive()
        .max(10 * YEAR_MINUTES)
        .optional(),
      source_server: z.string().min(1).max(64).optional(),
      target_server: z.string().min(1).max(64).optional(),
      event_type: z.enum(['progress', 'watched', 'favorite', 'rating']).optional(),
      item_name: z.string().min(1).max(255).optional().describe('Part of it, in whatever letters.'),
    }),
    response: logView,
    async handler({ query }) {
      const { limit, offset, since_minutes: minutes } = query;
      const { entries, total } = await readLog(db, {
        ...{ limit, offset, sinceMs: minutes === undefined ? null : nowMs() - minutes * 60_000 },
        ...{ source: query.source_server ?? null, target: query.target_server ?? null },
        ...{ eventType: query.event_type ?? null, itemName: query.item_name ?? null },
      });
      return { entries: entries.map(viewLogEntry), total, limit, offset };
    },
  });

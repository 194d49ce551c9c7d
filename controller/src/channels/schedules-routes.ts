// Schedules over HTTP, under JellyStream's paths.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type Route, route } from '../http/route.ts';
import { viewEntry } from './channel-view.ts';
import type { Channels, OnNow } from './channels.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import {
  channelParams,
  type EntryView,
  entryBody,
  entryChange,
  entryParams,
  entryView,
  type NowView,
  nowView,
  rangeQuery,
} from './schedules-api.ts';

const tags = ['schedules'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 62 * DAY_MS;

const view = (channels: Channels, entry: ScheduleEntry): EntryView => viewEntry(entry, entry.item && channels.item(entry.item));

/** @param nowMs UTC ms */
export const viewNow = (channels: Channels, { entry, next }: OnNow, nowMs: number): NowView => ({
  ...view(channels, entry),
  offset: Math.max(0, (nowMs - entry.startMs) / 1_000),
  current_offset_seconds: Math.floor(Math.max(0, nowMs - entry.startMs) / 1_000),
  next: next === null ? null : view(channels, next),
  start_over:
    entry.item === null
      ? null
      : {
          server: entry.item.server,
          media_item_id: entry.item.id,
          path: `/web/index.html#/details?id=${encodeURIComponent(entry.item.id)}`,
        },
});

export const schedulesRoutes = (channels: Channels): readonly Route[] => [
  ...readingRoutes(channels),
  entryRoute(channels),
  ...changingRoutes(channels),
];

const readingRoutes = (channels: Channels): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/schedules/channel/:channel_id',
    summary: 'What a channel plays, from 3 hours ago to 7 days ahead where not said otherwise',
    tags,
    access: 'read',
    params: channelParams,
    query: rangeQuery,
    response: z.array(entryView),
    async handler({ params, query }) {
      const nowMs = channels.time();
      const { hours_back: back = 3, hours_forward: forward = 7 * 24 } = query;
      const fromMs = query.start === undefined ? nowMs - back * HOUR_MS : Date.parse(query.start);
      const toMs = query.end === undefined ? Math.max(fromMs, nowMs) + forward * HOUR_MS : Date.parse(query.end);
      if (toMs <= fromMs) throw new ControllerError('input_invalid', 'query.end: must lie after query.start');
      if (toMs - fromMs > LONGEST_MS) throw new ControllerError('input_invalid', 'query.end: at most 62 days after query.start');
      return (await channels.entries(params.channel_id, fromMs, toMs)).map((entry) => view(channels, entry));
    },
  }),
  route({
    method: 'get',
    path: '/api/schedules/channel/:channel_id/now',
    summary: 'What is on, since when, what follows, and where it can be watched from its start',
    tags,
    access: 'read',
    params: channelParams,
    response: nowView,
    async handler({ params }) {
      const nowMs = channels.time();
      const on = await channels.now(params.channel_id);
      if (on === null) throw new ControllerError('not_found', 'nothing is on: the schedule has a gap');
      return viewNow(channels, on, nowMs);
    },
  }),
];

const entryRoute = (channels: Channels): Route =>
  route({
    method: 'get',
    path: '/api/schedules/:id',
    summary: 'One entry',
    tags,
    access: 'read',
    params: entryParams,
    response: entryView,
    handler: async ({ params }) => view(channels, await channels.entry(params.id)),
  });

const changingRoutes = (channels: Channels): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/schedules',
    summary: 'Put an entry into a schedule by hand',
    description: 'Automatic entries give way and flow around it; one that overlaps another manual entry is refused.',
    tags,
    access: 'write',
    body: entryBody,
    response: entryView,
    async handler({ body, reply }) {
      const entry = await channels.addEntry(body);
      reply.status(201);
      return view(channels, entry);
    },
  }),
  route({
    method: 'put',
    path: '/api/schedules/:id',
    summary: 'Change an entry that has not begun; an automatic one becomes a manual one',
    tags,
    access: 'write',
    params: entryParams,
    body: entryChange,
    response: entryView,
    handler: async ({ params, body }) => view(channels, await channels.changeEntry(params.id, body)),
  }),
  route({
    method: 'delete',
    path: '/api/schedules/:id',
    summary: 'Take an entry out; the others close up',
    tags,
    access: 'write',
    params: entryParams,
    response: nothing,
    async handler({ params }) {
      await channels.removeEntry(params.id);
      return undefined;
    },
  }),
];

// Channels over HTTP, under JellyStream's paths.
import { z } from 'zod';
import { nothing, type Route, route } from '../http/route.ts';
import { iso, rememberViews, viewChannel, viewEntry } from './channel-view.ts';
import type { Channels } from './channels.ts';
import { type ChannelView, channelView, createBody, updateBody } from './channels-api.ts';
import {
  catalogueView,
  generateBody,
  generateQuery,
  jobsView,
  nowView,
  previewBody,
  previewView,
  skipBody,
} from './schedules-api.ts';
import { viewNow } from './schedules-routes.ts';
import { idParams } from './values-api.ts';

const tags = ['channels'];

export const channelsRoutes = (channels: Channels): readonly Route[] => [
  ...readingRoutes(channels, rememberViews()),
  ...changingRoutes(channels),
  ...planningRoutes(channels),
];

const view = (channels: Channels, id: number): ChannelView => viewChannel(channels.get(id), channels.state(id));

const readingRoutes = (channels: Channels, viewOf: typeof viewChannel): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/channels',
    summary: 'All channels, ordered by number',
    tags,
    access: 'read',
    response: z.array(channelView),
    handler: () => channels.all().map((channel) => viewOf(channel, channels.state(channel.id))),
  }),
  route({
    method: 'get',
    path: '/api/channels/catalogue',
    summary: 'What was read of the media servers, and when',
    tags,
    access: 'read',
    response: catalogueView,
    handler: () => ({
      shelves: channels.catalogue().map(({ server, id, items, readAtMs, problem }) => ({
        server,
        id,
        items,
        read_at: readAtMs === null ? null : iso(readAtMs),
        problem,
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/api/channels/jobs',
    summary: 'What is done by itself, and when next',
    tags,
    access: 'read',
    response: jobsView,
    handler: () => ({
      jobs: channels.jobs().map(({ name, nextRun, lastRun, running }) => ({
        name,
        next_run: nextRun === null ? null : iso(nextRun),
        last_run: lastRun === null ? null : iso(lastRun),
        running,
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/api/channels/:id',
    summary: 'One channel with all that belongs to it',
    tags,
    access: 'read',
    params: idParams,
    response: channelView,
    handler: ({ params }) => view(channels, params.id),
  }),
];

const changingRoutes = (channels: Channels): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/channels',
    summary: 'Make a channel and its schedule',
    description:
      'Where the media server does not answer the channel is kept, and `schedule_error` says why it has no schedule yet.',
    tags,
    access: 'write',
    body: createBody,
    response: channelView,
    async handler({ body, reply }) {
      const { id } = await channels.create(body);
      reply.status(201);
      return view(channels, id);
    },
  }),
  route({
    method: 'put',
    path: '/api/channels/:id',
    summary: 'Change a channel: what is left out stays, lists that are given replace',
    description: 'Another selection or other rules plan anew from the end of what is on.',
    tags,
    access: 'write',
    params: idParams,
    body: updateBody,
    response: channelView,
    async handler({ params, body }) {
      await channels.update(params.id, body);
      return view(channels, params.id);
    },
  }),
  route({
    method: 'delete',
    path: '/api/channels/:id',
    summary: 'Delete a channel with its schedule; its id is never used again',
    tags,
    access: 'write',
    params: idParams,
    response: nothing,
    async handler({ params }) {
      await channels.remove(params.id);
      return undefined;
    },
  }),
];

const planningRoutes = (channels: Channels): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/channels/preview',
    summary: 'What a channel would play',
    description: 'Saves nothing. Posted as a channel with the `seed` and `start_at` of the answer, just this is saved.',
    tags,
    access: 'read',
    body: previewBody,
    response: previewView,
    async handler({ body: { days, ...body } }) {
      const { seed, startMs, entries } = await channels.preview(body, days);
      return {
        seed,
        start_at: iso(startMs),
        entries: entries.map((entry) => viewEntry(entry, entry.item && channels.item(entry.item))),
      };
    },
  }),
  route({
    method: 'post',
    path: '/api/channels/:id/generate-schedule',
    summary: 'Plan so many days more, or anew',
    tags,
    access: 'write',
    params: idParams,
    query: generateQuery,
    body: generateBody,
    response: z.object({ entries_created: z.int(), schedule_generated_through: channelView.shape.schedule_generated_through }),
    async handler({ params, query, body }) {
      const { days = body.days, reset = body.reset } = query;
      const count = await channels.generate(params.id, { days, reset });
      return { entries_created: count, schedule_generated_through: view(channels, params.id).schedule_generated_through };
    },
  }),
  route({
    method: 'post',
    path: '/api/channels/:id/skip',
    summary: 'The next programme at once, for all viewers',
    description: 'Refused where slots fix the times, unless `force` is true.',
    tags,
    access: 'write',
    params: idParams,
    body: skipBody,
    response: nowView.nullable(),
    async handler({ params, body }) {
      const on = await channels.skip(params.id, body.force);
      return on === null ? null : viewNow(channels, on, channels.time());
    },
  }),
];

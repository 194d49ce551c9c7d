// How channels run: who watches, how fast they came, whether boundaries were seamless, what cannot be played.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type Route, route } from '../http/route.ts';
import type { LiveSession } from '../on-air/live-messages.ts';
import { iso } from './channel-view.ts';
import type { Channels } from './channels.ts';

export type HealthDeps = {
  readonly channels: Pick<Channels, 'get' | 'state'>;
  readonly sessions: () => readonly LiveSession[];
  /** Keys of items that cannot be played: what a probe found, swapped before they air. */
  readonly deadItems: () => ReadonlySet<string>;
  /** Whether there was such a viewer. */
  readonly endViewer: (id: string) => boolean;
};

const tags = ['channels'];
const moment = z.iso.datetime();

const viewerView = z.object({
  id: z.string(),
  consumer: z.string().describe('name of the stream token or log-in'),
  address: z.string(),
  since: moment,
  bps: z.number(),
  bytes: z.number(),
  skips: z.int().describe('how often it was too slow and was skipped forward'),
});

const sessionView = z.object({
  channel_id: z.string(),
  started: moment,
  entry_id: z.string().nullable(),
  showing: z.enum(['programme', 'slate', 'card']),
  tune_in_ms: z.number().nullable().describe('from the first request to the first key frame of the programme'),
  drift_ms: z.number().describe('how late the picture is after the schedule'),
  last_gap_ms: z.number().nullable().describe('at the last boundary, less one frame'),
  boundaries: z.int(),
  speed: z.number().nullable().describe('seconds of film that ffmpeg makes in a second, unpaced'),
  restarts: z.int(),
  viewers: z.array(viewerView),
});

const healthView = z.object({
  channel_id: z.int(),
  schedule_through: moment.nullable(),
  schedule_problem: z.string().nullable(),
  running: sessionView.nullable(),
  dead_items: z.int().describe('items of all channels that a probe could not play; they are swapped before they air'),
});

const viewSession = (session: LiveSession): z.input<typeof sessionView> => ({
  channel_id: session.channel,
  started: iso(session.startedMs),
  entry_id: session.entryId,
  showing: session.showing,
  tune_in_ms: session.tuneInMs,
  drift_ms: session.driftMs,
  last_gap_ms: session.lastGapMs,
  boundaries: session.boundaries,
  speed: session.speed,
  restarts: session.restarts,
  viewers: session.viewers.map(({ sinceMs, ...viewer }) => ({ ...viewer, since: iso(sinceMs) })),
});

const part = z.string().min(1).max(64);

export const healthRoutes = (deps: HealthDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/channels/:id/health',
    summary: 'How one channel runs: measured tune-in, boundary gap, speed, and what cannot be played',
    tags,
    access: 'read',
    params: z.object({ id: z.coerce.number().int().positive() }),
    response: healthView,
    handler({ params: { id } }) {
      const channel = deps.channels.get(id);
      const { throughMs, problem } = deps.channels.state(id);
      const running = deps.sessions().find((session) => session.channel === String(channel.id));
      return {
        channel_id: id,
        schedule_through: throughMs === null ? null : iso(throughMs),
        schedule_problem: problem,
        running: running === undefined ? null : viewSession(running),
        dead_items: deps.deadItems().size,
      };
    },
  }),
  route({
    method: 'get',
    path: '/api/livetv/sessions',
    summary: 'Channels that run now, with their viewers',
    tags,
    access: 'read',
    response: z.object({ sessions: z.array(sessionView) }),
    handler: () => ({ sessions: deps.sessions().map(viewSession) }),
  }),
  route({
    method: 'delete',
    path: '/api/livetv/viewers/:id',
    summary: 'End one viewer’s stream',
    tags,
    access: 'write',
    params: z.object({ id: part }),
    response: nothing,
    handler({ params: { id } }) {
      if (!deps.endViewer(id)) throw new ControllerError('not_found', 'there is no such viewer');
      return undefined;
    },
  }),
];

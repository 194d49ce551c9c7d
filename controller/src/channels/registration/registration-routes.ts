// Registering the channels in Jellyfin's Live TV over HTTP, and how it stands.
import { z } from 'zod';
import { type Route, route } from '../../http/route.ts';
import type { LiveTvRegistration } from './registration-service.ts';
import type { ServerStatus } from './server-status.ts';

const tags = ['live-tv'];
const place = z
  .object({ id: z.string(), address: z.string().describe('scheme, host and port; the path holds a token') })
  .nullable();
const moment = z.iso.datetime().nullable();

const serverView = z.object({
  server: z.string(),
  wanted: z.boolean(),
  registered: z.boolean(),
  tuner: place,
  guide_provider: place,
  guide_refresh: z
    .object({ state: z.enum(['idle', 'running', 'cancelling']), last_end: moment, last_status: z.string().nullable() })
    .nullable(),
  channels: z.array(
    z.object({
      channel_id: z.string(),
      channel_number: z.string(),
      name: z.string(),
      seen: z.boolean().describe('this server shows the channel'),
      seen_as: z.string().nullable(),
      pre_warmed: moment,
    }),
  ),
  problem: z.string().nullable(),
});
const statusView = z.object({
  base_url: z.string().describe('how playlists and guides name this machine'),
  base_url_problem: z.string().nullable().describe('why their readers cannot reach it'),
  servers: z.array(serverView),
});

const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const placeView = (one: ServerStatus['tuner']) => (one === null ? null : { id: one.id, address: one.origin });

const viewServer = (status: ServerStatus): z.input<typeof serverView> => ({
  server: status.server,
  wanted: status.wanted,
  registered: status.tuner !== null && status.guideProvider !== null,
  tuner: placeView(status.tuner),
  guide_provider: placeView(status.guideProvider),
  guide_refresh:
    status.guide === null
      ? null
      : { state: status.guide.state, last_end: at(status.guide.lastEndMs), last_status: status.guide.lastStatus },
  channels: status.channels.map((one) => ({
    channel_id: one.id,
    channel_number: one.number,
    name: one.name,
    seen: one.seenAs !== null,
    seen_as: one.seenAs,
    pre_warmed: at(one.warmedMs),
  })),
  problem: status.problem,
});

const one = z.object({ server: z.string().min(1).max(64) });

export type OwnPlace = { readonly url: string; readonly problem: string | null };

/** Register, unregister, status. */
export function registrationRoutes(registration: LiveTvRegistration, base: OwnPlace): readonly Route[] {
  const view = async (signal: AbortSignal, server: string | null = null) => ({
    base_url: base.url,
    base_url_problem: base.problem,
    servers: (await registration.status(signal)).filter((each) => server === null || each.server === server).map(viewServer),
  });
  return [
    route({
      method: 'get',
      path: '/api/livetv/status',
      summary: 'How the channels are registered in Live TV of each Jellyfin',
      tags,
      access: 'read',
      response: statusView,
      handler: ({ signal }) => view(signal),
    }),
    ...(['post', 'delete'] as const).flatMap((method) => {
      const act = method === 'post' ? registration.register : registration.unregister;
      const what = method === 'post' ? 'Register the channels in' : 'Take the channels out of';
      const shared = { method, tags, access: 'write', response: statusView } as const;
      return [
        route({
          ...shared,
          path: '/api/livetv/register',
          summary: `${what} Live TV of every Jellyfin`,
          description: 'As often as you like. Tuners and guides of others are left alone.',
          async handler({ signal }) {
            await act(null, signal);
            return await view(signal);
          },
        }),
        route({
          ...shared,
          path: '/api/livetv/register/:server',
          summary: `${what} Live TV of one Jellyfin`,
          params: one,
          async handler({ params: { server }, signal }) {
            await act(server, signal);
            return await view(signal, server);
          },
        }),
      ];
    }),
  ];
}

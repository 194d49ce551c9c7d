// Decisions over HTTP: those that are kept, searched; and why one viewer or client has the limit that it has.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { type Route, route } from '../http/route.ts';
import type { Bandwidth } from './bandwidth.ts';
import { decisionView } from './bandwidth-api.ts';
import { viewDecision } from './bandwidth-view.ts';
import { explanationView } from './explain/explain-api.ts';
import { viewClientWhy, viewUplinkWhy, viewViewerWhy } from './explain/explain-view.ts';

const tags = ['bandwidth'];
const moment = z.iso.datetime({ offset: true });
const words = z.string().min(1).max(200);

const ms = (iso: string | undefined): number | undefined => (iso === undefined ? undefined : Date.parse(iso));

export const decisionRoutes = (bandwidth: Bandwidth): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/bandwidth/decisions',
    summary: 'Decisions with their inputs and reasons, newest first',
    description: 'The newest 5,000 changes are kept. The next page: `before` and `before_id` of the last one of this page.',
    tags,
    access: 'read',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      before: moment.optional().describe('older than this'),
      before_id: words.optional().describe('with `before`: where several are of the same moment'),
      from: moment.optional(),
      to: moment.optional(),
      mode: z.enum(['idle', 'streaming', 'safe', 'off', 'unknown']).optional(),
      viewer: words.optional().describe('server/user, who watched or whose cap was not that of the others'),
      text: words.optional().describe('in the reason or in the inputs; letter case does not count'),
    }),
    response: z.array(decisionView),
    handler: async ({ query: { limit, before, before_id: beforeId, from, to, mode, viewer, text } }) =>
      (
        await bandwidth.searchDecisions({ limit, beforeId, mode, viewer, text, before: ms(before), from: ms(from), to: ms(to) })
      ).map(viewDecision),
  }),
  route({
    method: 'get',
    path: '/api/bandwidth/explain',
    summary: 'Which numbers led to this cap, of a viewer or of a download client, now or then',
    description: 'Name one of `viewer` and `client`; without either it tells what the uplink carries and how it is divided.',
    tags,
    access: 'read',
    query: z.object({
      viewer: words.optional().describe('server/user'),
      client: words.optional().describe('name of a download client'),
      at: moment.optional().describe('the decision that held then; default: the one that holds now'),
    }),
    response: explanationView,
    async handler({ query: { viewer, client, at } }) {
      const when = ms(at) ?? null;
      if (viewer !== undefined && client === undefined) return viewViewerWhy(await bandwidth.explainViewer(viewer, when));
      if (client !== undefined && viewer === undefined) return viewClientWhy(await bandwidth.explainClient(client, when));
      if (viewer !== undefined) throw new ControllerError('input_invalid', 'query.viewer: give one of viewer and client');
      return viewUplinkWhy(await bandwidth.explainUplink(when));
    },
  }),
];

// Usage over HTTP: series by range, totals by day and month, the data cap.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { type Route, route } from '../http/route.ts';
import { DIMENSIONS, PLACES } from './amount.ts';
import type { Usage } from './usage.ts';
import { dataCapView, usageTotalsView, usageView } from './usage-api.ts';
import { viewMonth, viewSeries, viewTotals } from './usage-view.ts';

const tags = ['usage'];
const moment = z.iso.datetime({ offset: true });
const DAY_MS = 86_400_000;
const MOST_DAYS = 400;
const STEPS = { '1m': 60, '5m': 300, '15m': 900, '1h': 3_600, '3h': 10_800, '6h': 21_600, '1d': 86_400 } as const;

const asked = {
  by: z
    .enum(DIMENSIONS)
    .default('viewer')
    .describe(
      'viewer: server/user; player: the program that plays; client: download client; kind: all streams, all clients, the WAN, and what is neither',
    ),
  place: z.enum(PLACES).optional().describe('default: all, told apart'),
  name: z.string().min(1).max(128).optional().describe('this one alone'),
  names: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('so many at most, largest first; the rest stands together as "(others)"'),
  from: moment.optional(),
  to: moment.optional().describe('default: now'),
};

export function usageRoutes(usage: Usage, clock: Clock): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/usage',
      summary:
        'What viewers, players and download clients drew: minutes for 2 days, quarters of an hour for 31 days, days for 400',
      description:
        'What a viewer draws is what the media server says of the stream: its rate for the time in which it plays. What goes through the WAN is by the router’s counters.',
      tags,
      access: 'read',
      query: z.object({
        ...asked,
        step: z
          .enum(Object.keys(STEPS) as (keyof typeof STEPS)[])
          .optional()
          .describe('default: at most 300 steps; coarser where no finer ones are kept'),
      }),
      response: usageView,
      async handler({ query }) {
        const range = rangeOf(query, clock.now(), DAY_MS);
        const { step } = query;
        return viewSeries(
          range,
          await usage.series({ ...wanted(query), ...range, stepMs: step === undefined ? null : STEPS[step] * 1_000 }),
        );
      },
    }),
    route({
      method: 'get',
      path: '/api/usage/totals',
      summary: "The same by day, or by month as the provider counts it, with the home's midnights",
      tags,
      access: 'read',
      query: z.object({ ...asked, period: z.enum(['day', 'month']).default('day') }),
      response: usageTotalsView,
      async handler({ query }) {
        const range = rangeOf(query, clock.now(), 30 * DAY_MS);
        return viewTotals(query.period, await usage.totals({ ...wanted(query), ...range }, query.period));
      },
    }),
    route({
      method: 'get',
      path: '/api/usage/data-cap',
      summary: "The WAN's bytes of the month, and how much of the provider's allowance is left",
      tags,
      access: 'read',
      response: dataCapView,
      handler: () => viewMonth(usage.month()),
    }),
  ];
}

type Asked = z.output<z.ZodObject<typeof asked>>;

const wanted = ({ by, place, name, names }: Asked) => ({ by, place: place ?? null, name: name ?? null, most: names });

/** @throws ControllerError input_invalid */
function rangeOf(query: Asked, now: number, usualMs: number): { readonly from: number; readonly to: number } {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = query.from === undefined ? to - usualMs : Date.parse(query.from);
  if (from >= to) throw new ControllerError('input_invalid', 'query.from: must lie before query.to');
  if (to - from > MOST_DAYS * DAY_MS)
    throw new ControllerError('input_invalid', `query.from: at most ${MOST_DAYS} days are kept`);
  return { from, to };
}

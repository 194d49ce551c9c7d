// Telemetry over HTTP: the latest of each WAN, and history by range.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { type Route, route } from '../http/route.ts';
import { historyView, telemetryView } from './telemetry-api.ts';
import type { Telemetry } from './telemetry-service.ts';
import type { WanLatest } from './wan-latest.ts';

const tags = ['telemetry'];
const moment = z.iso.datetime({ offset: true });
const STALE_MS = 15_000;
const DAY_MS = 86_400_000;

export function telemetryRoutes(telemetry: Telemetry, clock: Clock): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/telemetry',
      summary: 'Routers and their WANs: throughput, SQM and link, with their age',
      tags,
      access: 'read',
      response: telemetryView,
      handler: () => ({
        routers: telemetry.routers().map(({ router, presence, shaper }) => ({
          router,
          online: presence?.state === 'online',
          version: presence?.version ?? null,
          shaper,
        })),
        wans: telemetry.wans().map((wan) => viewWan(wan, telemetry.primary(), clock)),
      }),
    }),
    route({
      method: 'get',
      path: '/api/telemetry/history',
      summary: 'Throughput of one WAN by range: seconds for 2 h, minutes for 7 d, hours for 2 years',
      tags,
      access: 'read',
      query: z.object({
        wan: z.string().min(3).max(129).optional().describe('router/wan; the primary one where absent'),
        from: moment.optional().describe('default: an hour ago'),
        to: moment.optional().describe('default: now'),
        points: z.coerce.number().int().min(1).max(5_000).default(600).describe('at most this many'),
      }),
      response: historyView,
      async handler({ query }) {
        const primary = telemetry.primary();
        const wan = query.wan ?? (primary === null ? null : `${primary.router}/${primary.wan}`);
        if (wan === null) throw new ControllerError('not_found', 'No router agent was heard yet');
        const to = query.to === undefined ? clock.now() : Date.parse(query.to);
        const from = query.from === undefined ? to - 3_600_000 : Date.parse(query.from);
        if (from >= to) throw new ControllerError('input_invalid', 'query.from: must lie before query.to');
        if (to - from > 800 * DAY_MS) throw new ControllerError('input_invalid', 'query.from: at most 800 days are kept');
        const buckets = await telemetry.history(wan, from, to, query.points);
        const points = buckets.map((bucket) => ({
          at: new Date(bucket.at).toISOString(),
          up_bps: bucket.upBps,
          down_bps: bucket.downBps,
          up_peak_bps: bucket.upPeakBps,
          down_peak_bps: bucket.downPeakBps,
          samples: bucket.samples,
        }));
        return { wan, points };
      },
    }),
  ];
}

function viewWan(latest: WanLatest, primary: WanLatest | null, clock: Clock) {
  const ageMs = latest.heardAt === null ? null : clock.monotonic() - latest.heardAt;
  return {
    router: latest.router,
    wan: latest.wan,
    primary: primary?.router === latest.router && primary.wan === latest.wan,
    age_s: ageMs === null ? null : Math.round(ageMs / 100) / 10,
    stale_since: ageMs !== null && ageMs > STALE_MS ? new Date(clock.now() - ageMs).toISOString() : null,
    throughput: latest.throughput,
    sqm: latest.sqm,
    link: latest.link,
  };
}

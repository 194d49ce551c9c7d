// REST shapes of telemetry; the web page imports these and nothing else of it.
import { link, shaperState, sqmState, throughput } from '@headgate/protocol';
import { z } from 'zod';

const moment = z.iso.datetime({ offset: true });

const wanView = z.object({
  router: z.string(),
  wan: z.string(),
  primary: z.boolean().describe('carries the home’s traffic now'),
  age_s: z.number().nullable().describe('since the last throughput sample; null before the first'),
  stale_since: moment.nullable(),
  throughput: z.nullable(throughput),
  sqm: z.nullable(sqmState),
  link: z.nullable(link),
});

const routerView = z.object({
  router: z.string(),
  online: z.boolean(),
  version: z.string().nullable(),
  shaper: z.nullable(shaperState),
});

export const telemetryView = z.object({ routers: z.array(routerView), wans: z.array(wanView) });

export const historyView = z.object({
  wan: z.string(),
  points: z.array(
    z.object({ at: moment, up_bps: z.int(), down_bps: z.int(), up_peak_bps: z.int(), down_peak_bps: z.int(), samples: z.int() }),
  ),
});

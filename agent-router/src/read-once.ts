// --once: one reading of the router as a value, for a person or a script. Asks the router only, not the broker.
import type { Clock } from './ground/clock.ts';
import type { Router } from './router/router.ts';
import { chooseWans } from './telemetry/choose-wans.ts';
import { type LineSample, lineRate } from './telemetry/line-rate.ts';
import { linkOfWan } from './telemetry/link-of-wan.ts';
import { sqmOfWan } from './telemetry/sqm-of-wan.ts';
import { rootQdiscs } from './telemetry/sqm-parse.ts';

const BETWEEN_MS = 1_000;

/** Takes a second: a rate needs two readings. Rates are bit/s. @throws AgentError */
export async function readOnce(router: Router, clock: Clock, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const board = await router.board();
  const wans = chooseWans(await router.interfaces());
  const devices = wans.map((wan) => wan.l3Device);
  const first = await router.counters(devices);
  await clock.sleep(BETWEEN_MS, signal);
  const second = await router.counters(devices);
  const sqm = await router.sqm();
  const offload = await router.hardwareOffload();
  const snapshot = { clockS: second.clockS, sections: sqm.sections, roots: rootQdiscs(sqm.qdiscs), rateTool: sqm.rateTool };
  const sample = (reading: typeof first, device: string): LineSample | undefined => {
    const counters = reading.devices[device];
    return counters ? { device, uptimeS: reading.uptimeS, clockS: reading.clockS, ...counters } : undefined;
  };
  return {
    at: new Date(clock.now()).toISOString(),
    router: { ...board, way: router.way, uptime_s: second.uptimeS, hardware_offload: offload },
    wans: wans.map((wan) => {
      const before = sample(first, wan.l3Device);
      const after = sample(second, wan.l3Device);
      const rate = before && after ? lineRate(before, after) : 'reset';
      return {
        name: wan.name,
        link: linkOfWan(wan, second.devices[wan.l3Device]?.carrier ?? null),
        throughput: typeof rate === 'string' ? null : { up_bps: rate.upBps, down_bps: rate.downBps, interval_s: rate.intervalS },
        sqm: sqmOfWan(wan, snapshot, undefined, false),
      };
    }),
  };
}

// Telemetry as the bandwidth feature wants to read it.
import { type CarefulCapacity, nextCapacity } from '../bandwidth/line/careful-capacity.ts';
import type { UplinkReading } from '../bandwidth/line/uplink-reading.ts';
import type { Uplink } from '../bandwidth/line/uplink-watch.ts';
import type { Clock } from '../clock.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';
import type { RouterLatest, WanLatest } from '../telemetry/wan-latest.ts';

export function uplinkOf(
  telemetry: Pick<Telemetry, 'primary' | 'routers' | 'onChange'>,
  clock: Pick<Clock, 'monotonic'>,
): Uplink {
  const careful = createCarefulRates(clock);
  return {
    read() {
      const wan = telemetry.primary();
      return wan === null ? null : readingOf(wan, telemetry.routers(), careful(wan));
    },
    onSample: telemetry.onChange,
  };
}

type Rates = { readonly upBps: number | null; readonly downBps: number | null };

function readingOf(wan: WanLatest, routers: readonly RouterLatest[], { upBps, downBps }: Rates): UplinkReading {
  const { throughput, sqm, link, heardUtc } = wan;
  const ordered = orderedRates(wan, routers);
  return {
    router: wan.router,
    wan: wan.wan,
    sample:
      throughput === null || heardUtc === null ? null : { upBps: throughput.up_bps, downBps: throughput.down_bps, at: heardUtc },
    shaperUpBps: upBps,
    shaperDownBps: downBps,
    orderedUpBps: ordered.upBps,
    orderedDownBps: ordered.downBps,
    addresses: link?.addresses ?? [],
    prefixes: link?.prefixes ?? [],
    saturated: sqm?.saturated ?? null,
  };
}

/** By the router's own word: a direction that is as it was before us is not ordered. */
function orderedRates({ router, wan }: WanLatest, routers: readonly RouterLatest[]): Rates {
  const lease = routers.find((one) => one.router === router)?.shaper;
  if (!lease?.original || lease.wan !== wan) return { upBps: null, downBps: null };
  const { original, up_bps, down_bps } = lease;
  return {
    upBps: up_bps === original.up_bps ? null : up_bps,
    downBps: down_bps === original.down_bps ? null : down_bps,
  };
}

/** tc says what is true, UCI what is wanted; a switched-off SQM limits nothing. */
const ratesOf = ({ sqm }: WanLatest): Rates => ({
  upBps: positive(sqm?.up?.live_bps) ?? (sqm?.enabled === true ? positive(sqm.up?.configured_bps) : null),
  downBps: positive(sqm?.down?.live_bps) ?? (sqm?.enabled === true ? positive(sqm.down?.configured_bps) : null),
});

/** A rate that a person typed, or that we ordered, counts as it is; one that a tool moves all the time is taken with care. */
function createCarefulRates(clock: Pick<Clock, 'monotonic'>): (wan: WanLatest) => Rates {
  let key: string | null = null;
  let up: CarefulCapacity | null = null;
  let down: CarefulCapacity | null = null;
  const next = (before: CarefulCapacity | null, bps: number | null): CarefulCapacity | null =>
    bps === null ? null : nextCapacity(before, bps, clock.monotonic());
  return (wan) => {
    const rates = ratesOf(wan);
    const owner = wan.sqm?.rate_owner;
    const now = owner === 'cake-autorate' || owner === 'sqm-autorate' ? `${wan.router}/${wan.wan}` : null;
    if (now !== key) [up, down] = [null, null];
    key = now;
    if (now === null) return rates;
    up = next(up, rates.upBps);
    down = next(down, rates.downBps);
    return { upBps: up?.bps ?? null, downBps: down?.bps ?? null };
  };
}

const positive = (bps: number | null | undefined): number | null => (bps !== null && bps !== undefined && bps > 0 ? bps : null);

// Telemetry as the bandwidth feature wants to read it.
import type { UplinkReading } from '../bandwidth/uplink-reading.ts';
import type { Uplink } from '../bandwidth/uplink-watch.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';

export const uplinkOf = (telemetry: Telemetry): Uplink => ({ read: () => readUplink(telemetry), onSample: telemetry.onChange });

function readUplink(telemetry: Telemetry): UplinkReading | null {
  const wan = telemetry.primary();
  if (wan === null) return null;
  const { throughput, sqm, link, heardUtc } = wan;
  return {
    router: wan.router,
    wan: wan.wan,
    sample:
      throughput === null || heardUtc === null ? null : { upBps: throughput.up_bps, downBps: throughput.down_bps, at: heardUtc },
    // tc says what is true, UCI what is wanted; a switched-off SQM limits nothing.
    shaperUpBps: positive(sqm?.up?.live_bps) ?? (sqm?.enabled === true ? positive(sqm.up?.configured_bps) : null),
    shaperDownBps: positive(sqm?.down?.live_bps) ?? (sqm?.enabled === true ? positive(sqm.down?.configured_bps) : null),
    addresses: link?.addresses ?? [],
    prefixes: link?.prefixes ?? [],
    saturated: sqm?.saturated ?? null,
  };
}

const positive = (bps: number | null | undefined): number | null => (bps !== null && bps !== undefined && bps > 0 ? bps : null);

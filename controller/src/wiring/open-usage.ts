// Usage with all that it needs of this home: its streams and clients, its WAN, its calendar, its data cap; and what a cap that is used up does to limits.
import type { TypedLink } from '@headgate/protocol';
import type { Bandwidth } from '../bandwidth/bandwidth.ts';
import type { BandwidthSettings } from '../bandwidth/settings.ts';
import { createWallClock } from '../channels/schedule/wall-clock.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';
import { SEEDING_NAME } from '../distribution/seeding-client.ts';
import type { Route } from '../http/route.ts';
import type { Log } from '../log.ts';
import type { Happened } from '../notify/events.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';
import type { Drawing } from '../usage/amount.ts';
import type { WanSample } from '../usage/count-wan.ts';
import type { CapDirection } from '../usage/data-cap.ts';
import { runUsageMqtt } from '../usage/usage-mqtt.ts';
import { usageRoutes } from '../usage/usage-routes.ts';
import { openUsage } from '../usage/usage-service.ts';
import { openUsageStore } from '../usage/usage-store.ts';
import type { UsageTables } from '../usage/usage-tables.ts';
import { keepToFloor } from './data-cap-floor.ts';
import { drawingOf } from './drawing-of-status.ts';

export type HomeUsageDeps = {
  readonly config: Config;
  readonly database: Database;
  readonly telemetry: Telemetry;
  readonly tell: (event: Happened) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type HomeUsage = {
  readonly routes: readonly Route[];
  /** For Home Assistant: what is capped. */
  readonly discovered: { readonly capped: readonly CapDirection[] };
  /** The settings of the hour, as a data cap that is used up leaves them. */
  settle(settings: BandwidthSettings): BandwidthSettings;
  /** Until the signal fires. Never rejects. */
  run(seen: UsageSeen, signal: AbortSignal): Promise<void>;
};

export type UsageSeen = {
  readonly bandwidth: Pick<Bandwidth, 'neighbours'>;
  readonly link: TypedLink;
  readonly onAsked: (listener: () => void) => () => void;
};

const NOTHING: Drawing = { streams: [], clients: [] };

/** @throws ControllerError storage_failed */
export async function openHomeUsage({
  config,
  database,
  telemetry,
  tell,
  clock,
  log: parent,
}: HomeUsageDeps): Promise<HomeUsage> {
  const log = parent.child({ part: 'usage' });
  const { dataCap, distribution, torrentClients } = config;
  // What draws is known once bandwidth runs, which asks for settings before that.
  const seen: { drawing: () => Drawing } = { drawing: () => NOTHING };
  const usage = await openUsage({
    store: await openUsageStore(database.tables<UsageTables>()),
    reads: { drawing: () => seen.drawing(), wan: () => sampleOf(telemetry) },
    cap: dataCap,
    days: createWallClock(config.home.timeZone),
    tell,
    clock,
    log,
  });
  const clients = [...torrentClients.map(({ name }) => name), ...(distribution.enabled ? [SEEDING_NAME] : [])];
  const isCapped = Object.values(dataCap.limits).some((bytes) => bytes !== null);
  return {
    routes: usageRoutes(usage, clock),
    discovered: { capped: (['upload', 'download', 'together'] as const).filter((one) => dataCap.limits[one] !== null) },
    settle: (settings) =>
      isCapped && dataCap.whenReached === 'torrents_to_floor' ? keepToFloor(settings, clients, usage.reached()) : settings,
    async run({ bandwidth, link, onAsked }, signal) {
      seen.drawing = () => drawingOf(bandwidth.neighbours());
      await Promise.all([usage.run(signal), runUsageMqtt({ usage, link, onAsked, clock, log }, signal)]);
    },
  };
}

/** Of the WAN that counts for the uplink: what the provider bills is what goes there. */
function sampleOf(telemetry: Telemetry): WanSample | null {
  const primary = telemetry.primary();
  if (primary === null || primary.throughput === null || primary.heardUtc === null) return null;
  const { throughput: said } = primary;
  return {
    wan: `${primary.router}/${primary.wan}`,
    device: said.device,
    uptimeS: said.uptime_s,
    txBytes: said.tx_bytes,
    rxBytes: said.rx_bytes,
    intervalS: said.interval_s,
    upBps: said.up_bps,
    downBps: said.down_bps,
    utc: primary.heardUtc,
  };
}

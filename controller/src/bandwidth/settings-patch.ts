// Pure: part of the settings, changed for a while: by an hour of the schedule, or by an operator's override.

import type { Reserve } from './line/uplink-budget.ts';
import type { BandwidthSettings } from './settings.ts';

/** Rates bit/s. What is undefined stays as it is. */
export type SettingsPatch = {
  readonly enabled?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly algorithm?: string | undefined;
  readonly runningStreams?: BandwidthSettings['runningStreams'] | undefined;
  readonly capacityUpBps?: number | undefined;
  readonly capacityDownBps?: number | undefined;
  readonly reserve?: Reserve | undefined;
  readonly maxPerViewerBps?: number | undefined;
  readonly torrentFloorBps?: number | undefined;
  readonly downloadFloorBps?: number | undefined;
  readonly downloadReserve?: Reserve | undefined;
  /** Of each download client. */
  readonly whileStreamingBps?: number | undefined;
  readonly whenIdleBps?: number | undefined;
};

/** A viewer's own limits, and what is never limited, stay as they are. */
export function patched(settings: BandwidthSettings, patch: SettingsPatch): BandwidthSettings {
  const { torrents, torrentClients } = settings;
  const clients = Object.entries(torrentClients).map(([name, client]) => [
    name,
    {
      ...client,
      whileStreamingBps: patch.whileStreamingBps ?? client.whileStreamingBps,
      whenIdleBps: patch.whenIdleBps ?? client.whenIdleBps,
    },
  ]);
  return {
    ...settings,
    enabled: patch.enabled ?? settings.enabled,
    dryRun: patch.dryRun ?? settings.dryRun,
    algorithm: patch.algorithm ?? settings.algorithm,
    runningStreams: patch.runningStreams ?? settings.runningStreams,
    capacityUpBps: patch.capacityUpBps ?? settings.capacityUpBps,
    capacityDownBps: patch.capacityDownBps ?? settings.capacityDownBps,
    reserve: patch.reserve ?? settings.reserve,
    maxPerViewerBps: patch.maxPerViewerBps ?? settings.maxPerViewerBps,
    torrentFloorBps: patch.torrentFloorBps ?? settings.torrentFloorBps,
    torrents: {
      ...torrents,
      downloadFloorBps: patch.downloadFloorBps ?? torrents.downloadFloorBps,
      downloadReserve: patch.downloadReserve ?? torrents.downloadReserve,
    },
    torrentClients: Object.fromEntries(clients),
  };
}

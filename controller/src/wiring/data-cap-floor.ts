// Pure: the settings while a data cap is used up, where the operator wants download clients to give way then.
import type { BandwidthSettings } from '../bandwidth/settings.ts';

type CapDirection = 'upload' | 'download' | 'together';

/**
 * Each client's part of the floor, whether somebody watches or not; a limit of its own that is tighter stays. Downloads can be kept to theirs where
 * the capacity is known, as always.
 * @param clients names of all download clients that are limited
 */
export function keepToFloor(
  settings: BandwidthSettings,
  clients: readonly string[],
  reached: ReadonlySet<CapDirection>,
): BandwidthSettings {
  const [sends, fetches] = (['upload', 'download'] as const).map((one) => reached.has(one) || reached.has('together'));
  return fetches === true
    ? withDownloadFloor(withUploadFloor(settings, clients, sends))
    : withUploadFloor(settings, clients, sends);
}

function withUploadFloor(
  settings: BandwidthSettings,
  clients: readonly string[],
  isReached: boolean | undefined,
): BandwidthSettings {
  if (isReached !== true || clients.length === 0) return settings;
  const { torrentClients, torrentFloorBps } = settings;
  const weightOf = (name: string): number => torrentClients[name]?.weight ?? 1;
  const weights = clients.reduce((sum, name) => sum + weightOf(name), 0);
  const limited = clients.map((name) => {
    const part = Math.max(1, Math.floor((torrentFloorBps * weightOf(name)) / weights));
    const own = torrentClients[name];
    return [
      name,
      {
        weight: weightOf(name),
        whileStreamingBps: Math.min(part, own?.whileStreamingBps ?? part),
        whenIdleBps: Math.min(part, own?.whenIdleBps ?? part),
      },
    ] as const;
  });
  return { ...settings, torrentClients: { ...torrentClients, ...Object.fromEntries(limited) } };
}

const withDownloadFloor = (settings: BandwidthSettings): BandwidthSettings => ({
  ...settings,
  torrents: { ...settings.torrents, limitDownloads: 'always', downloadReserve: { percent: 100 } },
});

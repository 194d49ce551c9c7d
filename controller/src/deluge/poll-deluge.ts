// One look at a Deluge: rates and limits, a few hundred bytes each, whatever the number of torrents.
import type { Clock } from '../clock.ts';
import type { TorrentReading } from '../neighbours/download-client.ts';
import { sessionStatus } from './answers.ts';
import type { Daemon } from './open-daemon.ts';
import type { Limits } from './open-limits.ts';

export type PollDeps = { readonly daemon: Daemon; readonly limits: Limits; readonly clock: Clock };

export const createPoll =
  ({ daemon, limits, clock }: PollDeps) =>
  async (signal: AbortSignal): Promise<TorrentReading> => {
    const request = { method: 'core.get_session_status', params: [Object.keys(sessionStatus.shape)] };
    const rates = await daemon.ask(sessionStatus, request, signal);
    const at = clock.now();
    const { uploadLimitBps, downloadLimitBps, limitsLanPeers } = await limits.read(signal);
    return {
      at,
      uploadBps: toBps(rates.payload_upload_rate),
      downloadBps: toBps(rates.payload_download_rate),
      mode: 'normal',
      uploadLimitBps,
      downloadLimitBps,
      limitsLanPeers,
    };
  };

/** The difference of two counters in Deluge, by 2 s: halves of bytes, and below 0 where a counter began anew. */
const toBps = (bytesPerSecond: number): number => Math.max(0, Math.round(bytesPerSecond * 8));

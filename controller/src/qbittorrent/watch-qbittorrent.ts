// Polls one qBittorrent for ever: small requests, limits re-read when there is reason to, outages told once.
import type { Clock } from '../clock.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import type { Log } from '../log.ts';
import type { TorrentClientListener, TorrentReading } from '../neighbours/download-client.ts';
import { pollClient } from '../neighbours/poll-client.ts';
import { speedLimitsMode, transferInfo } from './answers.ts';
import { fromLimitBytes } from './limit-rate.ts';
import type { Limits } from './open-limits.ts';
import type { WebApi } from './open-web-api.ts';

export type WatchOptions = {
  readonly name: string;
  readonly api: WebApi;
  readonly limits: Limits;
  readonly pollIntervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

/** A hand edit of the slot that is not active shows in no small answer: look this often. */
const limitsMaxAgeMs = 10_000;

/** Runs until the signal fires, and rejects then; survives everything else. */
export const watchQbittorrent = async (
  { name, limits, pollIntervalMs, clock, log, ...rest }: WatchOptions,
  hear: TorrentClientListener,
  signal: AbortSignal,
): Promise<never> => {
  const poll = createPoll({ name, limits, clock, ...rest });
  const { writes, forget } = limits;
  return await pollClient({ name, poll, writes, forget, pollIntervalMs, clock, log }, hear, signal);
};

/** transfer/info and transfer/speedLimitsMode are some 200 bytes, whatever the number of torrents (sync/maindata starts with all of them). */
const createPoll = ({ name, api, limits, clock }: Pick<WatchOptions, 'name' | 'api' | 'limits' | 'clock'>) => {
  let uploaded = 0;
  let session = api.sessions();
  return async (signal: AbortSignal): Promise<TorrentReading> => {
    const info = decodeJson(transferInfo, await api.get('transfer/info', signal), `${name} transfer/info`);
    const at = clock.now();
    const mode = decodeJson(
      speedLimitsMode,
      await api.get('transfer/speedLimitsMode', signal),
      `${name} transfer/speedLimitsMode`,
    );
    // A restart in between two polls: the session is gone, or the count of this run begins anew.
    if (session !== api.sessions() || info.up_info_data < uploaded) limits.forget();
    uploaded = info.up_info_data;
    session = api.sessions();

    const known = limits.known();
    const fresh =
      known !== null &&
      known.uploadLimitBps[mode] === fromLimitBytes(info.up_rate_limit) &&
      known.downloadLimitBps[mode] === fromLimitBytes(info.dl_rate_limit) &&
      clock.monotonic() - known.readAt < limitsMaxAgeMs;
    const { uploadLimitBps, downloadLimitBps, limitsLanPeers } = fresh ? known : await limits.read(signal);
    return {
      at,
      uploadBps: Math.round(info.up_info_speed * 8),
      downloadBps: Math.round(info.dl_info_speed * 8),
      mode,
      uploadLimitBps,
      downloadLimitBps,
      limitsLanPeers,
    };
  };
};

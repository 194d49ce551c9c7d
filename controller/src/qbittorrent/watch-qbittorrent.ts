// Polls one qBittorrent for ever: small requests, limits re-read when there is reason to, outages told once.
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import type { Log } from '../log.ts';
import { speedLimitsMode, transferInfo } from './answers.ts';
import { fromLimitBytes } from './limit-rate.ts';
import type { Limits } from './open-limits.ts';
import type { WebApi } from './open-web-api.ts';
import type { Health, Listener, TorrentReading } from './torrent-reading.ts';

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
const longestPauseMs = 15_000;

/** Runs until the signal fires, and rejects then; survives everything else. */
export const watchQbittorrent = async (options: WatchOptions, hear: Listener, signal: AbortSignal): Promise<never> => {
  const { clock, pollIntervalMs } = options;
  const say = createHealthReport(options, hear);
  const poll = createPoll(options);
  let failures = 0;
  let heard = false;
  say('starting', null);
  for (;;) {
    let reading: TorrentReading | 'overtaken' | null = null;
    try {
      reading = await poll(signal);
    } catch (error) {
      signal.throwIfAborted();
      options.limits.forget();
      failures += 1;
      const refused = error instanceof ControllerError && error.code === 'upstream_refused';
      // One lost answer of a client that was well a moment ago is no outage.
      if (refused) say('refused', messageOf(error));
      else if (!heard || failures > 1) say('unreachable', messageOf(error));
    }
    if (reading === 'overtaken') continue;
    if (reading !== null) {
      failures = 0;
      heard = true;
      say('live', null);
      hear.reading(reading);
    }
    await clock.sleep(pauseMs(pollIntervalMs, failures), signal);
  }
};

const pauseMs = (pollIntervalMs: number, failures: number): number => {
  if (failures === 0) return pollIntervalMs;
  const doubled = pollIntervalMs * 2 ** Math.min(failures - 1, 8);
  return Math.max(pollIntervalMs, Math.min(longestPauseMs, doubled)) * (0.75 + Math.random() / 2);
};

const createHealthReport = ({ name, clock, log }: WatchOptions, hear: Listener) => {
  let state: Health['state'] | null = null;
  let told: string | null = null;
  return (next: Health['state'], problem: string | null): void => {
    // Another reason to be refused is news; another way of being out of reach is not.
    if (next === state && (next !== 'refused' || problem === told)) return;
    const isNews = state !== null;
    state = next;
    told = problem;
    if (problem !== null) log.warn({ client: name, state, problem }, 'torrent client cannot be heard');
    else if (isNews) log.info({ client: name, state }, 'torrent client answers');
    hear.health({ state, since: clock.now(), problem });
  };
};

/**
 * transfer/info and transfer/speedLimitsMode are some 200 bytes, whatever the number of torrents (sync/maindata starts with all of them).
 * 'overtaken': one of our own writes ended meanwhile, so the answers may be older than it.
 */
const createPoll = ({ name, api, limits, clock }: WatchOptions) => {
  let uploaded = 0;
  let session = api.sessions();
  return async (signal: AbortSignal): Promise<TorrentReading | 'overtaken'> => {
    const writes = limits.writes();
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
    if (writes !== limits.writes()) return 'overtaken';
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

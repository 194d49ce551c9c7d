// A SABnzbd as a neighbour of the bandwidth feature: 3.0 and later. It only fetches, so it has one limit, and nothing to upload.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { type ClientOptions, pollIntervalOf } from '../neighbours/client-options.ts';
import type { TorrentClient, TorrentReading } from '../neighbours/download-client.ts';
import { limitInWords } from '../neighbours/limit-in-words.ts';
import { pollClient } from '../neighbours/poll-client.ts';
import { roundedBps } from './limit-rate.ts';
import { openApi } from './open-api.ts';
import { type Limits, openLimits } from './open-limits.ts';
import { openPausing } from './open-pausing.ts';

export type SabnzbdOptions = ClientOptions & {
  /** Of its web interface, with or without /sabnzbd. A base path and a trailing slash are welcome. */
  readonly url: string;
  readonly apiKey: string;
  /** For one exchange. Default 5 s. */
  readonly timeoutMs?: number | undefined;
};

/** Changes of any slot but the normal download limit are refused as input_invalid. A refused key is tried again after five minutes at the earliest. */
export type Sabnzbd = AsyncDisposable &
  TorrentClient & {
    readonly type: 'sabnzbd';
    /** "SABnzbd 4.3.2, download limit 5.6 Mbit/s". @throws ControllerError as changeLimit. */
    check(signal: AbortSignal): Promise<string>;
  };

/** Sends nothing by itself. @throws ControllerError config_invalid for a URL, fingerprint or poll interval that cannot be. */
export const openSabnzbd = (options: SabnzbdOptions): Sabnzbd => {
  const { name, apiKey, clock, log } = options;
  const pollIntervalMs = pollIntervalOf(options);
  const http = openHttpClient({
    name,
    url: options.url,
    tls: options.tls,
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBodyBytes: 2 ** 20,
    connections: 2,
  });
  const api = openApi({ name, http, apiKey, clock });
  const limits = openLimits({ name, api });
  const poll = createPoll(limits, clock);
  return {
    name,
    type: 'sabnzbd',
    onUplink: options.onUplink,
    watch: (hear, signal) => pollClient({ name, poll, writes: limits.writes, pollIntervalMs, clock, log }, hear, signal),
    rounded: roundedBps,
    changeLimit: limits.change,
    pausing: openPausing({ api, read: limits.read }),
    check: async (signal) => {
      const { version, limitBps } = await limits.read(signal);
      if (/^[012]\./.test(version))
        throw new ControllerError('upstream_failed', `${name} is SABnzbd ${version}; Headgate needs 3.0 or later`);
      return `SABnzbd ${version}, download limit ${limitInWords(limitBps)}`;
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
};

const createPoll = (limits: Limits, clock: Clock) => {
  return async (signal: AbortSignal): Promise<TorrentReading> => {
    const { kbpersec, limitBps } = await limits.read(signal);
    return {
      at: clock.now(),
      uploadBps: 0,
      downloadBps: Math.round(Number(kbpersec) * 1024 * 8),
      mode: 'normal',
      uploadLimitBps: null,
      downloadLimitBps: { normal: limitBps, alternative: 0 },
      limitsLanPeers: null,
    };
  };
};

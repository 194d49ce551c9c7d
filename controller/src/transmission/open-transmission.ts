// A Transmission as a neighbour of the bandwidth feature: 2.40 to 4.1, with a log-in or let in without.
import type { Clock } from '../clock.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { type ClientOptions, pollIntervalOf } from '../neighbours/client-options.ts';
import type { TorrentClient, TorrentReading } from '../neighbours/download-client.ts';
import { limitInWords } from '../neighbours/limit-in-words.ts';
import { pollClient } from '../neighbours/poll-client.ts';
import { sessionStats } from './answers.ts';
import { NOTHING_FLOWS_BPS } from './limit-rate.ts';
import { type Limits, openLimits } from './open-limits.ts';
import { openPausing } from './open-pausing.ts';
import { type Credentials, openRpc, type Rpc } from './open-rpc.ts';
import { rpcFolder } from './rpc-url.ts';

export type TransmissionOptions = ClientOptions & {
  /** The host, or what a browser shows of its web page; a base path and a trailing slash are welcome. */
  readonly url: string;
  /** Both empty or left out: no log-in is tried. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};

/** A bandwidth TorrentClient, with a check for --test and an end. */
export type Transmission = TorrentClient &
  AsyncDisposable & {
    readonly type: 'transmission';
    /** "Transmission 3.00, upload limit 5.6 Mbit/s, alternative 0.4 Mbit/s". @throws ControllerError as changeLimit. */
    check(signal: AbortSignal): Promise<string>;
  };

/** Sends nothing by itself. @throws ControllerError config_invalid for a URL, user name, fingerprint or poll interval that cannot be. */
export const openTransmission = (options: TransmissionOptions): Transmission => {
  const { name, clock, log } = options;
  const pollIntervalMs = pollIntervalOf(options);
  const http = openHttpClient({ name, url: rpcFolder(options.url), tls: options.tls, connections: 2 });
  const rpc = openRpc({ name, http, credentials: credentialsOf(options), clock });
  const limits = openLimits({ name, rpc });
  const poll = createPoll({ rpc, limits, clock });
  return {
    name,
    type: 'transmission',
    onUplink: options.onUplink,
    watch: (hear, signal) => pollClient({ name, poll, writes: limits.writes, pollIntervalMs, clock, log }, hear, signal),
    rounded: limits.rounded,
    changeLimit: limits.change,
    pausing: openPausing({ name, rpc, clock }),
    check: async (signal) => {
      const { version, uploadLimitBps } = await limits.read(signal);
      const { normal, alternative } = uploadLimitBps;
      return `Transmission ${version}, upload limit ${inWords(normal)}, alternative ${inWords(alternative)}`;
    },
    [Symbol.asyncDispose]: async () => {
      rpc.close();
      await http[Symbol.asyncDispose]();
    },
  };
};

const credentialsOf = ({ username = '', password = '' }: TransmissionOptions): Credentials =>
  username === '' && password === '' ? null : { username, password };

/** Two answers of some 300 bytes, whatever the number of torrents. */
const createPoll = ({ rpc, limits, clock }: { rpc: Rpc; limits: Limits; clock: Clock }) => {
  return async (signal: AbortSignal): Promise<TorrentReading> => {
    const stats = await rpc.call({ method: 'session-stats', schema: sessionStats }, signal);
    const at = clock.now();
    const { mode, uploadLimitBps, downloadLimitBps } = await limits.read(signal);
    return {
      at,
      uploadBps: Math.round(stats.uploadSpeed * 8),
      downloadBps: Math.round(stats.downloadSpeed * 8),
      mode,
      uploadLimitBps,
      downloadLimitBps,
      limitsLanPeers: null, // its limits hold for every peer; there is no switch
    };
  };
};

const inWords = (bps: number): string => (bps === NOTHING_FLOWS_BPS ? '0 (nothing flows)' : limitInWords(bps));

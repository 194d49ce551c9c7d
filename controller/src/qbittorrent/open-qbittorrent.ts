// A qBittorrent as a neighbour of the bandwidth feature: 4.4 to 5.2, by password, by API key, or let in without either.
import { ControllerError } from '../errors.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { type ClientOptions, pollIntervalOf } from '../neighbours/client-options.ts';
import type { LimitSlot, TorrentClientListener, TorrentPausing } from '../neighbours/download-client.ts';
import type { LimitChange } from '../neighbours/limit-change.ts';
import { limitInWords } from '../neighbours/limit-in-words.ts';
import { versionText } from './answers.ts';
import { roundedBps } from './limit-rate.ts';
import { openLimits } from './open-limits.ts';
import { openPausing } from './open-pausing.ts';
import { type Credentials, openWebApi } from './open-web-api.ts';
import { watchQbittorrent } from './watch-qbittorrent.ts';

export type QbittorrentOptions = ClientOptions & {
  /** A base path and a trailing slash are welcome. */
  readonly url: string;
  /** Empty or left out, without a key: no log-in is tried. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** qbt_… of 5.2 or later; goes before username and password. */
  readonly apiKey?: string | undefined;
};

/** A bandwidth TorrentClient, with a check for --test and an end. */
export type Qbittorrent = AsyncDisposable & {
  readonly name: string;
  readonly type: 'qbittorrent';
  readonly onUplink: boolean;
  /** Polls until the signal fires. Health is starting, live, unreachable, or refused; a wrong password is tried once in this object's life. */
  watch(hear: TorrentClientListener, signal: AbortSignal): Promise<void>;
  /** Whole KiB/s; at least one for a rate above 0; 0 for 0. */
  rounded(bps: number): number;
  /** @throws ControllerError upstream_failed where the value read back is not the one written, upstream_refused, upstream_unreachable, timeout. */
  changeLimit(slot: LimitSlot, decide: (currentBps: number) => Promise<number | null>, signal: AbortSignal): Promise<LimitChange>;
  readonly pausing: TorrentPausing;
  /** "qBittorrent v4.5.2, upload limit 5.6 Mbit/s, alternative 0.1 Mbit/s". @throws ControllerError as changeLimit. */
  check(signal: AbortSignal): Promise<string>;
};

/** Sends nothing by itself. @throws ControllerError config_invalid for a URL, fingerprint or poll interval that cannot be. */
export const openQbittorrent = (options: QbittorrentOptions): Qbittorrent => {
  const { name, clock, log } = options;
  const pollIntervalMs = pollIntervalOf(options);
  const http = openHttpClient({ name, url: options.url, tls: options.tls, connections: 2 });
  const api = openWebApi({ name, http, credentials: credentialsOf(options), clock });
  const limits = openLimits({ name, api, clock });
  return {
    name,
    type: 'qbittorrent',
    onUplink: options.onUplink,
    watch: (hear, signal) => watchQbittorrent({ name, api, limits, pollIntervalMs, clock, log }, hear, signal),
    rounded: roundedBps,
    changeLimit: limits.change,
    pausing: openPausing({ name, api }),
    check: async (signal) => {
      const version = (await api.get('app/version', signal)).trim();
      const [, major, minor] = versionText.exec(version) ?? [];
      if (major === undefined)
        throw new ControllerError('upstream_failed', `${name} does not tell its version as qBittorrent does`);
      if (Number(major) < 4 || (Number(major) === 4 && Number(minor) < 4)) {
        throw new ControllerError('upstream_failed', `${name} is qBittorrent ${version}; Headgate needs 4.4 or later`);
      }
      const { normal, alternative } = (await limits.read(signal)).uploadLimitBps;
      return `qBittorrent ${version}, upload limit ${limitInWords(normal)}, alternative ${limitInWords(alternative)}`;
    },
    [Symbol.asyncDispose]: async () => {
      api.close();
      await http[Symbol.asyncDispose]();
    },
  };
};

const credentialsOf = ({ username, password, apiKey }: QbittorrentOptions): Credentials => {
  if (apiKey !== undefined && apiKey !== '') return { kind: 'key', apiKey };
  if (username === undefined || username === '') return { kind: 'none' };
  return { kind: 'password', username, password: password ?? '' };
};

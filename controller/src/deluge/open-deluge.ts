// A Deluge as a neighbour of the bandwidth feature: 2.0 and later, by the JSON-RPC of its web interface.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { type ClientOptions, pollIntervalOf } from '../neighbours/client-options.ts';
import type { TorrentClient } from '../neighbours/download-client.ts';
import { limitInWords } from '../neighbours/limit-in-words.ts';
import { pollClient } from '../neighbours/poll-client.ts';
import { versionText } from './answers.ts';
import { roundedBps } from './limit-rate.ts';
import { openDaemon } from './open-daemon.ts';
import { openLimits } from './open-limits.ts';
import { openPausing } from './open-pausing.ts';
import { openWebRpc } from './open-web-rpc.ts';
import { createPoll } from './poll-deluge.ts';

export type DelugeOptions = ClientOptions & {
  /** Of deluge-web. A base path and a trailing slash are welcome. */
  readonly url: string;
  /** deluge-web knows no user names. */
  readonly password: string;
  /** For one exchange. Default 5 s. */
  readonly timeoutMs?: number | undefined;
};

/** A wrong password is tried once in this object's life. Deluge has no second set of limits: the mode is always normal, and a change of the other is refused. */
export type Deluge = AsyncDisposable &
  TorrentClient & {
    readonly type: 'deluge';
    /** "Deluge 2.0.3, upload limit 5.6 Mbit/s, download limit none". @throws ControllerError as changeLimit. */
    check(signal: AbortSignal): Promise<string>;
  };

/** Sends nothing by itself. @throws ControllerError config_invalid for a URL, fingerprint or poll interval that cannot be. */
export const openDeluge = (options: DelugeOptions): Deluge => {
  const { name, clock, log } = options;
  const pollIntervalMs = pollIntervalOf(options);
  const http = openHttpClient({
    name,
    url: options.url,
    tls: options.tls,
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBodyBytes: 2 ** 20,
  });
  const rpc = openWebRpc({ name, http, password: options.password });
  const daemon = openDaemon({ name, rpc });
  const limits = openLimits({ name, daemon });
  const poll = createPoll({ daemon, limits, clock });
  return {
    name,
    type: 'deluge',
    onUplink: options.onUplink,
    watch: (hear, signal) => pollClient({ name, poll, writes: limits.writes, pollIntervalMs, clock, log }, hear, signal),
    rounded: roundedBps,
    changeLimit: limits.change,
    pausing: openPausing(daemon),
    check: async (signal) => {
      const version = await daemon.ask(z.string(), { method: 'daemon.get_version' }, signal);
      const [, major] = versionText.exec(version) ?? [];
      if (major === undefined) throw new ControllerError('upstream_failed', `${name} does not tell its version as Deluge does`);
      if (Number(major) < 2)
        throw new ControllerError('upstream_failed', `${name} is Deluge ${version}; Headgate needs 2.0 or later`);
      const { uploadLimitBps, downloadLimitBps } = await limits.read(signal);
      return `Deluge ${version}, upload limit ${limitInWords(uploadLimitBps.normal)}, download limit ${limitInWords(downloadLimitBps.normal)}`;
    },
    [Symbol.asyncDispose]: async () => {
      daemon.close();
      rpc.close();
      await http[Symbol.asyncDispose]();
    },
  };
};

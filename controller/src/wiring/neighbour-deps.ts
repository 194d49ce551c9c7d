// What every opener of neighbours is handed, and what each neighbour answers to `--test`.
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Log } from '../log.ts';

export type NeighbourDeps = {
  readonly config: Config;
  readonly deviceId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** What `--test` asks of each. Answers with one line; rejects with a sentence. */
export type Checked = { check(signal: AbortSignal): Promise<string> };

export type ServerConfig = Config['mediaServers'][number];
export type ClientConfig = Config['torrentClients'][number];

/** What every adapter is told of its neighbour. */
export const placeOf = ({ name, url, onUplink, pollMs, tls }: ServerConfig | ClientConfig) => ({
  name,
  url,
  onUplink,
  pollIntervalMs: pollMs,
  tls: { ca: tls.ca ?? undefined, fingerprint256: tls.certificateSha256 ?? undefined, verify: tls.verify },
});

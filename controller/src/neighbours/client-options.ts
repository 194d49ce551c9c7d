// What every download client is opened with, and how often it is polled where nobody says.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import type { Log } from '../log.ts';

export type ClientOptions = {
  readonly name: string;
  /** False: not behind this uplink. */
  readonly onUplink: boolean;
  /** Default 2 s. */
  readonly pollIntervalMs?: number | undefined;
  readonly tls?: TlsTrust | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/** @throws ControllerError config_invalid for one that cannot be. */
export const pollIntervalOf = ({ name, pollIntervalMs = 2_000 }: ClientOptions): number => {
  if (pollIntervalMs > 0) return pollIntervalMs;
  throw new ControllerError('config_invalid', `the poll interval of ${name} must be more than 0`);
};

// The few fields that we read of Transmission's answers, in the old RPC (kebab-case) that 2.40 to 4.1 all speak. Pure.
import { z } from 'zod';

/** Every answer to the old RPC is 200 with this; `result` is "success" or says what is wrong. */
export const envelope = z.object({ result: z.string() });

/** A number of speed units. Bounded, so that it is a safe integer as bit/s and as its negative. */
const speed = z.number().int().nonnegative().max(1e11);

/** session-get: both modes in one answer, so they are of the same moment. */
export const session = z.object({
  version: z.string(),
  'rpc-version': z.number().int(),
  /** Bytes in a "kB": 1000 wherever it was seen, but it is told, so it is read. */
  units: z.object({ 'speed-bytes': z.number().int().positive().max(1e6) }),
  'speed-limit-up': speed,
  'speed-limit-up-enabled': z.boolean(),
  'speed-limit-down': speed,
  'speed-limit-down-enabled': z.boolean(),
  'alt-speed-up': speed,
  'alt-speed-down': speed,
  'alt-speed-enabled': z.boolean(),
});

/** Asked for by name since 3.00; older ones ignore that and answer with everything, as they do for no names. */
export const SESSION_FIELDS = Object.keys(session.shape);

/** session-stats: payload bytes/s. */
export const sessionStats = z.object({ uploadSpeed: z.number().nonnegative(), downloadSpeed: z.number().nonnegative() });

/** torrent-get with these two fields. */
export const torrentList = z.object({
  torrents: z.array(z.object({ hashString: z.string(), status: z.number().int() })),
});

/** Which statuses (of rpc-version 14 and later) a stop ends: waiting and working, downloads and seeds. */
const RUNNING_STATUSES: readonly number[] = [3, 4, 5, 6];

/**
 * 0 is stopped. 1 and 2 are waiting for and doing a check of the files: nothing flows then, 3.00 ignores a stop of them, and a start would
 * also start one that its user had stopped before the check.
 */
export const isRunning = (status: number): boolean => RUNNING_STATUSES.includes(status);

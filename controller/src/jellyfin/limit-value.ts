// Which numbers may be a user's RemoteClientBitrateLimit. Pure.
import { ControllerError } from '../errors.ts';

const INT32_MAX = 2_147_483_647;

/** What stands, as the rest of Headgate sees it. Jellyfin stores any negative number and takes each as "no limit": all of them are -1 here. */
export const standingLimit = (raw: number | null | undefined): number => Math.max(-1, raw ?? 0);

/**
 * A positive whole number of bit/s within int32; or 0 or -1, which are what "no limit" looked like before us and must be restorable.
 * Jellyfin answers 400 to fractions, null and anything beyond int32.
 * @throws ControllerError input_invalid
 */
export const checkLimit = (bps: number): number => {
  if (Number.isInteger(bps) && bps >= -1 && bps <= INT32_MAX) return bps === 0 ? 0 : bps;
  throw new ControllerError(
    'input_invalid',
    `A limit of ${bps} bit/s cannot be written: whole numbers from -1 to ${INT32_MAX} can`,
  );
};

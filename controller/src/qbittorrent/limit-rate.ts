// Bit/s as we reckon, bytes/s as qBittorrent takes them, and what it keeps of them. Pure.

/**
 * qBittorrent keeps whole KiB/s and takes 0 and less for "no limit". It reads the number into an int32: more than that becomes 0 as well
 * (seen on 4.5.2: 3,000,000,000 bytes/s stood as no limit).
 */
const bytesPerKiB = 1024;
const mostKiB = Math.floor((2 ** 31 - 1) / bytesPerKiB);

/** Bytes/s to write for a limit: 0 for 0 (no limit), else at least 1 KiB/s, so that a small rate never opens the tap. */
export const toLimitBytes = (bps: number): number =>
  bps > 0 ? Math.min(mostKiB, Math.max(1, Math.floor(bps / 8 / bytesPerKiB))) * bytesPerKiB : 0;

/** Bit/s of a limit that qBittorrent told; 0 is none. */
export const fromLimitBytes = (bytes: number): number => Math.max(0, bytes) * 8;

/** The limit as qBittorrent will give it back. */
export const roundedBps = (bps: number): number => fromLimitBytes(toLimitBytes(bps));

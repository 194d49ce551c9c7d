// Bit/s as we reckon, KiB/s as Deluge takes them, and what it keeps of them. Pure.

const bpsPerKiB = 8 * 1024;
/** libtorrent takes an int32 of bytes/s. More is kept and shown by Deluge, but becomes 0 there: no limit (seen with 2.0.8). */
const mostKiB = Math.floor((2 ** 31 - 1) / 1024);
/** One byte/s. Deluge cuts to whole bytes, and nothing is left of less: no limit. */
const leastBps = 8;

/** Whole bit/s of a limit that Deluge told. */
export const fromKiB = (kib: number): number => Math.round(kib * bpsPerKiB) + 0; // never -0

/**
 * KiB/s to write: 0 for 0, else never a number that Deluge takes for none. With as few decimals as read back the same, since
 * 700.3 is what its user typed and 5,736,858 bit/s is what we keep of it. The wire between deluge-web and its daemon carries floats of 32 bit (rencode).
 */
export const toKiB = (bps: number): number => {
  const wanted = bps > 0 ? Math.min(mostKiB * bpsPerKiB, Math.max(leastBps, bps)) : bps;
  const exact = wanted / bpsPerKiB;
  const shorter = Array.from({ length: 10 }, (_, decimals) => Number(exact.toFixed(decimals)));
  return shorter.find((kib) => fromKiB(Math.fround(kib)) === wanted) ?? exact;
};

/** What reads back after this was written. */
export const keptBps = (bps: number): number => fromKiB(Math.fround(toKiB(bps)));

/** A cap as it will be written: whole KiB/s, at least one. 0 and less stay as they are. */
export const roundedBps = (bps: number): number =>
  bps > 0 ? Math.min(mostKiB, Math.max(1, Math.floor(bps / bpsPerKiB))) * bpsPerKiB : bps;

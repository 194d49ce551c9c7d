// Bit/s as we reckon, and the words in which SABnzbd takes a speed limit. Pure.

/**
 * Seen on 3.7.1: "50%", and any number from 1 to 100 as well, whatever its unit, is a percentage of bandwidth_max; "512000" and "500K" are
 * bytes/s, kept whole; 0 is none; below 0 nothing flows. It keeps both figures, percent and bytes/s, and does not tell by which it was set.
 *
 * So what we keep of a limit is bytes/s × 8 and nothing more, and its spelling follows from the value: where it is exactly a whole
 * percentage of bandwidth_max, as for every limit that its user set by percentage (and for the one that stands after a start), it is
 * written as that percentage, else as bytes/s. Either way the same two figures stand again.
 */
const leastCapBytes = 1024;
/** Below this a number would be taken for a percentage. */
const leastBytes = 101;
/** More than any line has, and exact in all that follows. */
const mostBytes = 1e12;

/** Bit/s of speedlimit_abs. Up to 3.6 there are fractions of bytes. */
export const fromBytesText = (text: string): number => Math.trunc(Number(text)) * 8 + 0; // never −0

/** Bytes/s of bandwidth_max: "10M", "10.5 M", "12500000", "". */
export const maxBytesOf = (text: string): number => {
  const [, digits = '0', unit = ''] = /(\d+\.?\d*)\s*([KMGTP]?)/.exec(text.toUpperCase()) ?? [];
  return Math.trunc(Number(digits) * 1024 ** ['', 'K', 'M', 'G', 'T', 'P'].indexOf(unit));
};

/** The value to send for a limit, and what reads back then. A rate above 0 is never "no limit". */
export const spell = (bps: number, maxBytes: number): { readonly text: string; readonly keptBps: number } => {
  if (bps < 0) return { text: '-1', keptBps: -8 }; // the only one that it takes: of "-5" it reads the 5
  if (bps === 0) return { text: '0', keptBps: 0 };
  const bytes = Math.min(mostBytes, Math.max(1, Math.floor(bps / 8)));
  const percent = Math.ceil((bytes * 100) / maxBytes);
  // As SABnzbd reckons: whole percent, cut to whole bytes.
  if (percent <= 100 && Math.trunc((maxBytes * percent) / 100) === bytes) return { text: `${percent}%`, keptBps: bytes * 8 };
  const plain = Math.max(leastBytes, bytes);
  return { text: String(plain), keptBps: plain * 8 };
};

/** A cap as it will be written: whole KiB/s, at least one. 0 and less stay as they are. */
export const roundedBps = (bps: number): number =>
  bps > 0 ? Math.min(mostBytes, Math.max(leastCapBytes, Math.floor(bps / 8 / 1024) * 1024)) * 8 : bps;

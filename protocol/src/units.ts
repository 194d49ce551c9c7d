// Units on the wire: rates are bit/s as integers, times are ISO 8601 with an offset, counters are bytes.
import * as z from 'zod/mini';

/** A rate in bit/s. Adapters convert at their own edge: tc JSON and qBittorrent speak bytes/s, UCI speaks kbit/s. */
export const bps = z.int().check(z.nonnegative());

/** A byte counter. netifd's are 64-bit; JavaScript is exact to 2^53, which is 9 PB. */
export const byteCount = z.int().check(z.nonnegative());

/** A moment, as ISO 8601 with `Z` or an offset. */
export const moment = z.iso.datetime({ offset: true });

/** Seconds, never negative. */
export const seconds = z.number().check(z.nonnegative());

export const BITS_PER_BYTE = 8;
export const MBIT = 1_000_000;
export const KBIT = 1_000;

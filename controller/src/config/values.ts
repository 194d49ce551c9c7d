// The kinds of value that the configuration knows: rates, durations, sizes, ranges, addresses. Each turns what a person writes into internal units.
import { z } from 'zod';

/** Jellyfin keeps a limit as a signed 32-bit integer of bit/s. */
const MAX_CAP_BPS = 2_147_000_000;
/** What an uplink may be said to carry: 1 Tbit/s. */
export const MAX_LINE_BPS = 1_000_000_000_000;

const RATE_UNITS: Readonly<Record<string, number>> = {
  'bit/s': 1,
  'kbit/s': 1e3,
  'mbit/s': 1e6,
  'gbit/s': 1e9,
  'b/s': 8,
  'kb/s': 8e3,
  'mb/s': 8e6,
  'kib/s': 8 * 1024,
  'mib/s': 8 * 1024 ** 2,
};
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Number and unit, or undefined. `kB` and `KB` are alike; bits are always written out ("kbit/s"). */
function measured(text: string, units: Readonly<Record<string, number>>, bare: number | undefined): number | undefined {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z/]*)\s*$/.exec(text);
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const factor = unit === '' && bare !== undefined ? bare : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

const mbit = (bps: number): string => `${bps / 1e6} Mbit/s`;

/** Bit/s from a rate as a person writes it (a bare number is Mbit/s), or the sentence that says what is wrong. */
function rateFrom(value: number | string, fromBps: number, toBps: number): number | string {
  const bps = typeof value === 'number' ? value * 1e6 : measured(value, RATE_UNITS, 1e6);
  if (bps === undefined || !Number.isFinite(bps))
    return 'must be a rate: a number of Mbit/s, or one with its unit such as "500 kbit/s", "1.5 Gbit/s" or "500 KiB/s"';
  if (bps < fromBps || bps > toBps) return `must be from ${mbit(fromBps)} to ${mbit(toBps)}, not ${mbit(bps)}`;
  return Math.round(bps);
}

const written = (sentence: string) => z.union([z.number(), z.string()], { error: sentence });

/** A schema over numbers and texts whose answer is a number, or a sentence that says what is wrong. */
function quantity<Out>(kind: string, read: (value: number | string) => Out | string) {
  return written(`must be a ${kind}`)
    .transform((value, context): Exclude<Out, string> => {
      const result = read(value);
      if (typeof result !== 'string') return result as Exclude<Out, string>;
      context.issues.push({ code: 'custom', message: result, input: value });
      return z.NEVER;
    })
    .meta({ kind });
}

/** Bit/s, from Mbit/s or a rate with its unit. */
export const rate = (fromBps = 10_000, toBps = MAX_CAP_BPS) => quantity('rate', (value) => rateFrom(value, fromBps, toBps));

/** Bit/s, or null for one of the given words (`auto`, `original`). */
export const rateOr = <const Word extends string>(words: readonly Word[], fromBps = 10_000, toBps = MAX_LINE_BPS) =>
  written(`must be a rate or ${words.join(' or ')}`)
    .transform((value, context): number | Word => {
      const word = words.find((one) => one === value);
      if (word !== undefined) return word;
      const bps = rateFrom(value, fromBps, toBps);
      if (typeof bps === 'number') return bps;
      context.issues.push({ code: 'custom', message: `${bps}; or ${words.join(' or ')}`, input: value });
      return z.NEVER;
    })
    .meta({ kind: `rate or ${words.map((word) => `\`${word}\``).join(' or ')}` });

/** Milliseconds, from "60s", "5m", "2h", "30d"; a bare number is seconds. */
export const duration = (fromMs: number, toMs: number) =>
  quantity('duration', (value) => {
    const ms = typeof value === 'number' ? value * 1e3 : measured(value, DURATION_UNITS, undefined);
    if (ms === undefined || !Number.isFinite(ms)) return 'must be a duration such as "500ms", "60s", "5m", "2h" or "30d"';
    if (ms < fromMs || ms > toMs) return `must be from ${fromMs / 1e3}s to ${toMs / 1e3}s`;
    return Math.round(ms);
  });

/** Bytes, from "10MB", "512KB", "1MiB" or a bare number of bytes. KB is 1,000 and KiB 1,024. */
export const size = (fromBytes: number, toBytes: number) =>
  quantity('size', (value) => {
    const bytes = typeof value === 'number' ? value : measured(value, SIZE_UNITS, 1);
    if (bytes === undefined || !Number.isInteger(bytes)) return 'must be a size such as "10MB", "512KB" or a number of bytes';
    if (bytes < fromBytes || bytes > toBytes) return `must be from ${fromBytes} to ${toBytes} bytes`;
    return bytes;
  });

/** A part of the whole ("10%") or a fixed rate. */
export type Reserve = { readonly kind: 'share'; readonly share: number } | { readonly kind: 'fixed'; readonly bps: number };

export const reserve = () =>
  quantity<Reserve>('rate or percentage', (value) => {
    const percent = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) : null;
    if (percent === null) {
      const bps = rateFrom(value, 0, MAX_LINE_BPS);
      return typeof bps === 'string' ? `${bps}; or a percentage such as "10%"` : { kind: 'fixed', bps };
    }
    if (Number(percent[1]) > 90) return 'must be from 0% to 90%';
    return { kind: 'share', share: Number(percent[1]) / 100 };
  });

/** Of what a person wrote, where it is read already. */
export const isFixed = (value: unknown): value is Extract<Reserve, { kind: 'fixed' }> =>
  typeof value === 'object' && value !== null && 'bps' in value && typeof value.bps === 'number';

/** True or false. The words are taken too, since a substituted `${VARIABLE}` is always text. */
export const flag = () =>
  z
    .union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' })
    .transform((value) => value === true || value === 'true')
    .meta({ kind: 'true or false' });

/** A whole number, also as the text of one (see `flag`). */
export const whole = (from: number, to: number) =>
  quantity('whole number', (value) => {
    const number = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return Number.isInteger(number) && number >= from && number <= to ? number : `must be a whole number from ${from} to ${to}`;
  });

/** How much one counts beside others. */
export const weight = () =>
  z
    .number({ error: 'must be a number' })
    .min(0.1, 'must be at least 0.1')
    .max(1_000, 'must be at most 1000')
    .meta({ kind: 'number' });

/** Text that is not empty. A YAML number or boolean is refused rather than guessed at: 0123 and 1e3 would change. */
export const text = (most = 200) =>
  z
    .string({ error: 'must be text (put it in quotes)' })
    .min(1, 'must not be empty')
    .max(most, `must be at most ${most} characters`)
    .meta({ kind: 'text' });

/** A name that stands in topics, URLs and logs. */
export const plainName = () =>
  text(64)
    .regex(/^[A-Za-z0-9_.-]+$/, 'must be letters, digits, "_", "-" and "." only')
    .meta({ kind: 'name' });

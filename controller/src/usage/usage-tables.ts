// The tables of usage, and how long each tier of it is kept.

export type UsageTables = {
  usage_subjects: { id: number; dimension: string; name: string; place: string };
  usage_points: { tier: number; at: number; subject: number; up_bytes: number; down_bytes: number; ms: number };
  usage_wan_days: { at: number; up_bytes: number; down_bytes: number; seen_ms: number; filled_ms: number };
  usage_baseline: { wan: string; device: string; uptime_s: number; tx_bytes: number; rx_bytes: number; utc: number };
  data_cap_told: { month_at: number; threshold: string };
};

export const TIERS = { minute: 0, quarter: 1, day: 2 } as const;
export type Tier = keyof typeof TIERS;

export const MINUTE_MS = 60_000;
export const QUARTER_MS = 15 * MINUTE_MS;
export const DAY_MS = 86_400_000;

/**
 * A row is about 50 bytes with its key, and all of it is in memory: at the most 11 MB. Ten viewers who watch three hours a day, with three download
 * clients that never rest, come to a quarter of that (deploy/bench/usage.bench.ts).
 */
export const KEPT: Readonly<Record<Tier, { readonly ms: number; readonly rows: number }>> = {
  minute: { ms: 2 * DAY_MS, rows: 60_000 },
  quarter: { ms: 31 * DAY_MS, rows: 120_000 },
  day: { ms: 400 * DAY_MS, rows: 40_000 },
};

// Pure: what the operator wants until a moment, over everything else: each setting on its own, so that a new wish ends an older one of the same setting only.
import { z } from 'zod';
import type { BandwidthSettings } from './settings.ts';
import { patched, type SettingsPatch } from './settings-patch.ts';

const bps = z.int().positive();
const reserve = z.union([z.strictObject({ percent: z.number().min(0).max(90) }), z.strictObject({ bps: z.int().nonnegative() })]);

/** What may be overridden. Rates bit/s. */
export const overridePatch = z.strictObject({
  enabled: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  algorithm: z.string().min(1).max(64).optional(),
  runningStreams: z.enum(['leave', 'renegotiate', 'restart']).optional(),
  capacityUpBps: bps.optional(),
  capacityDownBps: bps.optional(),
  reserve: reserve.optional(),
  maxPerViewerBps: bps.optional(),
  whileStreamingBps: bps.optional(),
  whenIdleBps: bps.optional(),
});

/** `until`: UTC ms. */
export type Override = { readonly patch: SettingsPatch; readonly until: number };

export const storedOverrides = z.array(z.object({ patch: overridePatch, until: z.number() }));

/** The newest wish of each setting stands. `until` in the past takes these settings back. */
export function withOverride(overrides: readonly Override[], wish: Override, now: number): readonly Override[] {
  const kept = withoutKeys(overrides, Object.keys(wish.patch), now);
  return wish.until > now ? [...kept, wish] : kept;
}

/** What is left once these settings are no longer overridden, and what has ended is gone. */
export function withoutKeys(overrides: readonly Override[], keys: readonly string[], now: number): readonly Override[] {
  return overrides
    .filter(({ until }) => until > now)
    .map(({ patch, until }) => ({
      patch: Object.fromEntries(Object.entries(patch).filter(([key]) => !keys.includes(key))),
      until,
    }))
    .filter(({ patch }) => Object.keys(patch).length > 0);
}

/** The settings while these hold. */
export const overridden = (settings: BandwidthSettings, overrides: readonly Override[], now: number): BandwidthSettings =>
  overrides.filter(({ until }) => until > now).reduce((all, { patch }) => patched(all, patch), settings);

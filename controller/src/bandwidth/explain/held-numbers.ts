// Pure: what a hold does to a value, for a person: what is wanted, what is in force, when it rises.
import { z } from 'zod';
import type { Hold } from '../hold-release.ts';

/** bit/s; null is "no limit". Times UTC ms. */
export const held = z.object({
  wanted: z.number().nullable(),
  inForce: z.number().nullable(),
  /** Absent where the two are the same. */
  risesAt: z.number().optional(),
  risesTo: z.number().nullable().optional(),
});
export type Held = z.infer<typeof held>;

/** Null where nothing was held. `releaseMs`: how long a rise waits. */
export function heldOf(
  hold: Hold,
  { now, utcNow }: { readonly now: number; readonly utcNow: number },
  releaseMs: number,
): Held | null {
  const [first, second] = hold;
  const last = hold.at(-1);
  if (first === undefined || last === undefined) return null;
  const both = { wanted: finite(last.value), inForce: finite(first.value) };
  if (second === undefined) return both;
  return { ...both, risesAt: Math.round(utcNow + second.since + releaseMs - now), risesTo: finite(second.value) };
}

const finite = (bps: number): number | null => (Number.isFinite(bps) ? bps : null);

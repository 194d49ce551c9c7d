// One range of history, put together from the finest tier that covers it and from finer ones for what is not rolled up yet.
import { type Bucket, HOUR_MS, MINUTE_MS, toBuckets } from './bucket.ts';
import type { HistoryStore } from './history-store.ts';
import { SECONDS_KEPT_MS, type SecondHistory } from './second-history.ts';

export type HistorySource = {
  readonly seconds: ReadonlyMap<string, SecondHistory>;
  readonly store: HistoryStore;
  readonly now: number;
};
/** `wan` is `router/wan`; UTC ms; at most `most` buckets. */
export type HistoryRange = { readonly wan: string; readonly from: number; readonly to: number; readonly most: number };

const MINUTES_KEPT_MS = 7 * 24 * HOUR_MS;
const STEPS_MS = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 86_400, 604_800].map((s) => s * 1_000);

export async function readHistory(source: HistorySource, range: HistoryRange): Promise<readonly Bucket[]> {
  const { seconds, store, now } = source;
  const { wan, from, to, most } = range;
  const step = niceStep((to - from) / Math.max(1, most));
  const ring = (since: number) => seconds.get(wan)?.range(Math.max(from, since), to) ?? [];
  if (from >= now - SECONDS_KEPT_MS && step < MINUTE_MS) {
    const fine = ring(from);
    // Seconds are in memory only: after a restart, minutes tell what was before.
    const before = fine[0] === undefined ? to : Math.floor(fine[0].at / MINUTE_MS) * MINUTE_MS;
    const kept = before - from < MINUTE_MS ? [] : await store.range(wan, 'minutes', from, before);
    return [...kept, ...toBuckets(fine, step)].slice(-most);
  }
  const coarse = from < now - MINUTES_KEPT_MS || step >= HOUR_MS;
  const hours = coarse ? await store.range(wan, 'hours', from, to) : [];
  const minutes = await store.range(wan, 'minutes', Math.max(from, endOf(hours, HOUR_MS)), to);
  // The minute that is open is not on disk yet.
  const open = ring(Math.max(endOf(hours, HOUR_MS), endOf(minutes, MINUTE_MS)));
  return toBuckets([...hours, ...minutes, ...open], Math.max(step, coarse ? HOUR_MS : MINUTE_MS)).slice(-most);
}

const endOf = (buckets: readonly Bucket[], lengthMs: number): number =>
  (buckets.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + lengthMs;
const niceStep = (leastMs: number): number => STEPS_MS.find((step) => step >= leastMs) ?? STEPS_MS.at(-1) ?? HOUR_MS;

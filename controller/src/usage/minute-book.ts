// The minute that is being counted, and those that are whole and wait to be written.
import type { Clock } from '../clock.ts';
import { addDrawn, addMoment, type Drawing, type Drawn } from './amount.ts';
import { countWan, type WanBaseline, type WanSample } from './count-wan.ts';
import type { UsageMinute } from './usage-store.ts';
import { MINUTE_MS } from './usage-tables.ts';
import { type HomeDays, midnightOf, NO_BYTES, plus, spreadOverDays, type WanDay } from './wan-days.ts';

export type MinuteBookDeps = {
  readonly clock: Clock;
  readonly days: HomeDays;
  /** Of the run before. */
  readonly baseline: WanBaseline | null;
  /** All days that are known: what is counted is added here at once. */
  readonly wanDays: Map<number, WanDay>;
};

/** A turn that came later than this says nothing of the time before it. */
const MOST_MOMENT_MS = 10_000;
/** An hour of a disk that takes nothing; then the oldest goes. */
const MOST_WAITING = 60;

export function createMinuteBook({ clock, days, baseline: first, wanDays }: MinuteBookDeps) {
  let baseline = first;
  let countedAt = clock.monotonic();
  let at = minuteOf(clock);
  let sums = new Map<string, Drawn>();
  let added = new Map<number, WanDay>();
  let waiting: UsageMinute[] = [];

  function takeWan(sample: WanSample): void {
    const count = countWan(baseline, sample);
    baseline = sample;
    for (const day of spreadOverDays(count, sample.utc, days)) {
      for (const book of [added, wanDays]) book.set(day.at, { ...plus(book.get(day.at) ?? NO_BYTES, day), at: day.at });
    }
    // What the counters tell of a silence belongs to no minute that can be named.
    if (count.seenMs > 0 && count.filledMs === 0)
      addDrawn(sums, { by: 'kind', name: 'wan', place: 'uplink', ...count, ms: count.seenMs });
  }

  function close(): void {
    if (sums.size > 0 || added.size > 0)
      waiting = [
        ...waiting.slice(1 - MOST_WAITING),
        { at, midnight: midnightOf(days, at), drawn: [...sums.values()], wanDays: [...added.values()], baseline },
      ];
    sums = new Map();
    added = new Map();
  }

  return {
    /** Adds what was drawn since the last call. True where a minute became whole; a clock that is set makes one too. */
    count(drawing: Drawing, wan: WanSample | null): boolean {
      const now = clock.monotonic();
      const ms = Math.min(MOST_MOMENT_MS, Math.max(0, now - countedAt));
      countedAt = now;
      sums = new Map(addMoment(sums, drawing, ms));
      if (wan !== null && !isKnown(baseline, wan)) takeWan(wan);
      if (minuteOf(clock) === at) return false;
      close();
      at = minuteOf(clock);
      return true;
    },
    /** What is counted so far waits to be written. */
    close,
    next: (): UsageMinute | null => waiting[0] ?? null,
    written(): void {
      waiting = waiting.slice(1);
    },
  };
}

const isKnown = (baseline: WanBaseline | null, { wan, device, uptimeS, utc }: WanSample): boolean =>
  baseline !== null && baseline.wan === wan && baseline.device === device && baseline.uptimeS === uptimeS && baseline.utc === utc;

const minuteOf = (clock: Clock): number => Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;

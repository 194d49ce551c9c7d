// What kinds of players draw above what their films need: learned while they play, and used instead of a guess.
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { WatchedStream } from '../watched-streams.ts';
import { kindOf, type LineSample, LOWEST, learn, NOTHING_LEARNED } from './learn-overhead.ts';
import type { OverheadStore } from './overhead-store.ts';

/** Wire rate by nominal rate, 1 to 2. `typical`: half of the time less. `high`: three quarters of the time less, which is what is kept free. */
export type Overhead = { readonly typical: number; readonly high: number; readonly lessons: number };

export type Overheads = {
  hear(sample: LineSample): void;
  /** Null before enough was seen. */
  of(watched: WatchedStream): Overhead | null;
  /** What it takes of the line, by what was learned. */
  wireBps(watched: WatchedStream): number;
  /** By `client|method`. */
  all(): ReadonlyMap<string, Overhead>;
};

/** Five minutes of playing. */
const LEAST_LESSONS = 10;
/** Half an hour of playing: a film has slow hours. */
const MOST_LESSONS = 60;
const MOST_KINDS = 200;
/** Every five minutes of playing; what is lost at a power cut is learned again. */
const SAVE_EACH = 10;

export function createOverheads({ store, log }: { readonly store: OverheadStore; readonly log: Log }): Overheads {
  const lessons = new Map([...store.lessons].map(([kind, factors]) => [kind, [...factors]]));
  const known = new Map([...lessons].flatMap(([kind, factors]) => entry(kind, factors)));
  let memory = NOTHING_LEARNED;
  let heard = 0;
  const of = (watched: WatchedStream): Overhead | null => (known.size === 0 ? null : (known.get(kindOf(watched)) ?? null));

  function note(kind: string, factor: number): void {
    const factors = lessons.get(kind) ?? [];
    if (factors.length === 0 && lessons.size >= MOST_KINDS) return;
    lessons.set(kind, [...factors, factor].slice(-MOST_LESSONS));
    for (const [name, overhead] of entry(kind, lessons.get(kind) ?? [])) known.set(name, overhead);
    heard += 1;
    if (heard % SAVE_EACH === 0)
      store
        .save(kind, lessons.get(kind) ?? [])
        .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'what a player draws was not stored'));
  }

  return {
    hear(sample) {
      const learned = learn(memory, sample);
      memory = learned.memory;
      if (learned.lesson !== null) note(learned.lesson.kind, learned.lesson.factor);
    },
    of,
    wireBps: (watched) => Math.round(watched.demand.bps * (of(watched)?.high ?? LOWEST)),
    all: () => known,
  };
}

function entry(kind: string, factors: readonly number[]): readonly (readonly [string, Overhead])[] {
  if (factors.length < LEAST_LESSONS) return [];
  const sorted = [...factors].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? LOWEST;
  return [[kind, { typical: at(0.5), high: at(0.75), lessons: factors.length }]];
}

// Pure: whether the home counts as streaming, with a hold on both edges.

/** `starting` and `ending` are the holds: seen, but not yet acted on. */
export type StreamingPhase = { readonly phase: 'idle' | 'starting' | 'streaming' | 'ending'; readonly since: number };

export const IDLE: StreamingPhase = { phase: 'idle', since: Number.NEGATIVE_INFINITY };

export type PhaseHolds = { readonly throttleAfterMs: number; readonly restoreAfterMs: number };

/** Next phase. `someoneWatches` is whether any stream counts now; times are steady ms. */
export function nextPhase(
  before: StreamingPhase,
  someoneWatches: boolean,
  now: number,
  { throttleAfterMs, restoreAfterMs }: PhaseHolds,
): StreamingPhase {
  if (someoneWatches) {
    if (before.phase === 'streaming') return before;
    if (before.phase === 'ending') return { phase: 'streaming', since: now };
    const since = before.phase === 'starting' ? before.since : now;
    return now - since >= throttleAfterMs ? { phase: 'streaming', since: now } : { phase: 'starting', since };
  }
  if (before.phase === 'idle') return before;
  if (before.phase === 'starting') return { phase: 'idle', since: now };
  const since = before.phase === 'ending' ? before.since : now;
  return now - since >= restoreAfterMs ? { phase: 'idle', since: now } : { phase: 'ending', since };
}

// Pure: attack fast, release slowly. A falling value passes at once, a rising one only after it held for the release time.

/** Ascending: since `since`, the value has never been below `value`. */
export type Hold = readonly { readonly value: number; readonly since: number }[];

/**
 * Takes the value wanted now and answers with the one in force: the least that was wanted within the last `releaseMs`.
 * Infinity is "no limit". Times are steady ms.
 */
export function holdRelease(
  hold: Hold,
  wanted: number,
  now: number,
  releaseMs: number,
): { readonly hold: Hold; readonly value: number } {
  // What is wanted all along needs no new list.
  if (hold.length === 1 && hold[0]?.value === wanted) return { hold, value: wanted };
  const lower = hold.filter(({ value }) => value < wanted);
  const since = hold[lower.length]?.since ?? now;
  const entries = [...lower, { value: wanted, since }];
  let first = 0;
  for (let next = entries[first + 1]; next !== undefined && now - next.since >= releaseMs; next = entries[first + 1]) first += 1;
  const kept = entries.slice(first);
  return { hold: kept, value: kept[0]?.value ?? wanted };
}

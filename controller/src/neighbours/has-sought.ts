// Whether a player jumped, or only went on. Pure.

/** Where a player was, and when that was heard: monotonic ms. */
type Place = { readonly positionMs: number | null; readonly heardAt: number };

/** `slackMs`: as far as positions may be from what time alone explains. */
export const hasSought = (before: Place, now: Place, slackMs: number): boolean => {
  if (before.positionMs === null || now.positionMs === null) return false;
  const furthest = before.positionMs + (now.heardAt - before.heardAt) + slackMs;
  return now.positionMs < before.positionMs - slackMs || now.positionMs > furthest;
};

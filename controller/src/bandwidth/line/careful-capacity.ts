// Pure: a capacity out of a rate that a tool moves several times a second: it falls at once and rises held, so that caps do not flutter after it.
import { type Hold, holdRelease } from '../hold-release.ts';

export type CarefulCapacity = { readonly hold: Hold; readonly bps: number };

/**
 * cake-autorate goes up by 4 % each 200 ms under load, down by a quarter when the delay rises, and back to its base by 1 % a second when idle (its
 * defaults.sh). So it swings whenever somebody stops and starts: what the line carried through all of the last minutes is what can be promised.
 */
const RISE_HOLD_MS = 180_000;
/** A smaller move is no news: the reserve has room for it. */
const NEWS = 0.05;

/** The next value, from the rate in force now. Times are steady ms. */
export function nextCapacity(before: CarefulCapacity | null, rateBps: number, now: number): CarefulCapacity {
  const { hold, value } = holdRelease(before?.hold ?? [], rateBps, now, RISE_HOLD_MS);
  const isNews = before === null || Math.abs(value - before.bps) >= before.bps * NEWS;
  return { hold, bps: isNews ? value : before.bps };
}

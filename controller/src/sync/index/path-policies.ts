// Pure: what becomes of a change whose item a server does not have, by the folder that the item lies in (jellyfin-db-sync's path policies).
import { folderOf, isBelow, slashed } from './path-maps.ts';

/** As configured: `path_policies: [{prefix, absent_retry_count, retry_delay_seconds, ignore}]`. */
export type PathPolicy = {
  readonly prefix: string;
  /** Tries after the first; -1: for ever. */
  readonly absentRetryCount: number;
  readonly retryDelayMs: number;
  /** Never brought to a server that lacks the item, also not when it appears. */
  readonly ignore?: boolean;
};

/** `times`: tries after the first, null for ever. */
export type AbsentPolicy =
  /** Until the index has the item; nothing is asked meanwhile. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'retry'; readonly times: number | null; readonly delayMs: number }
  | { readonly kind: 'ignore' };

/** The longest prefix wins, at borders of folders. @param path after path maps; null: the item has none */
export function policyFor(path: string | null, policies: readonly PathPolicy[]): AbsentPolicy {
  if (path === null) return { kind: 'wait' };
  const plain = slashed(path);
  let best: { readonly length: number; readonly policy: PathPolicy } | null = null;
  for (const policy of policies) {
    const prefix = folderOf(policy.prefix);
    if (isBelow(prefix, plain) && (best === null || prefix.length > best.length)) best = { length: prefix.length, policy };
  }
  if (best === null) return { kind: 'wait' };
  const { ignore, absentRetryCount, retryDelayMs } = best.policy;
  if (ignore === true) return { kind: 'ignore' };
  return { kind: 'retry', times: absentRetryCount < 0 ? null : absentRetryCount, delayMs: retryDelayMs };
}

export type AbsentTry =
  | { readonly next: 'wait' }
  /** UTC ms. */
  | { readonly next: 'try'; readonly atMs: number }
  | { readonly next: 'dead-letter' }
  | { readonly next: 'drop' };

/**
 * What comes after tries that found no item. Only tries of the queued event count; when the item appears later, the index tells so, whatever this said.
 * @param triesSoFar that were made: at 0 it is tried at once
 * @param nowMs UTC
 */
export function nextAbsentTry(policy: AbsentPolicy, triesSoFar: number, nowMs: number): AbsentTry {
  if (policy.kind === 'ignore') return { next: 'drop' };
  if (policy.kind === 'wait') return { next: 'wait' };
  if (triesSoFar === 0) return { next: 'try', atMs: nowMs };
  const isOver = policy.times !== null && triesSoFar > policy.times;
  return isOver ? { next: 'dead-letter' } : { next: 'try', atMs: nowMs + policy.delayMs };
}

// Pure: a limit was read that is not the one we expect. Ours, a dashboard's stale copy of ours, or the user's own wish?
import { sameLimit } from './plan-writes.ts';

/** What is on disk for one target. */
export type LimitRecord = {
  readonly originalBps: number;
  /** False once the original was put back; the record stays a day, for late saves of a stale dashboard page. */
  readonly held: boolean;
  /** Caps of ours that stood there within the last 24 h, the newest last. */
  readonly writtenBps: readonly number[];
};

export type Judgement = {
  /** `first` nothing known · `ours` a cap of ours · `untouched` the original itself · `hand_edit` someone set another value while we held it. */
  readonly kind: 'first' | 'ours' | 'untouched' | 'hand_edit';
  /** What is to be put back in the end. */
  readonly originalBps: number;
};

/**
 * Jellyfin's dashboard posts the whole policy with whatever cap stood when the page was opened, so any value that we wrote
 * within 24 h is a save of something else and the original stays. Every other value is the user's new wish.
 */
export function judgeLimit(currentBps: number, record: LimitRecord | null): Judgement {
  if (record === null) return { kind: 'first', originalBps: currentBps };
  if (record.writtenBps.some((bps) => sameLimit(bps, currentBps))) return { kind: 'ours', originalBps: record.originalBps };
  if (sameLimit(currentBps, record.originalBps)) return { kind: 'untouched', originalBps: record.originalBps };
  return { kind: record.held ? 'hand_edit' : 'first', originalBps: currentBps };
}

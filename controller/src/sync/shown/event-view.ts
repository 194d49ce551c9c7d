// Pure: rows of the queue and of the log as the API shows them.
import type { z } from 'zod';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import { NEVER_MS, type QueueRow } from '../state/queue-store.ts';
import type { logEntry, queuedEvent, waitingEvent } from '../sync-api.ts';
import type { LogRow } from './log-reading.ts';
import { stateInWords, viewState } from './state-view.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const fieldsOf = (row: QueueRow) => ({
  id: row.id,
  event_type: row.event_type,
  source_server: row.origin,
  target_server: row.server,
  username: row.person,
  item_name: row.item_name,
  item_path: row.item_path,
  status: row.status,
  last_error: row.problem,
  created_at: iso(row.created_ms),
  next_retry_at: row.status === 'failed' || row.due_ms >= NEVER_MS ? null : iso(row.due_ms),
});

export const viewQueued = (row: QueueRow): z.input<typeof queuedEvent> => ({ ...fieldsOf(row), retry_count: row.attempts });

/** @param mostTries that its path's policy allows; -1: for ever */
export const viewWaiting = (row: QueueRow, mostTries: number): z.input<typeof waitingEvent> => ({
  ...fieldsOf(row),
  status: 'waiting_for_item',
  item_not_found_count: row.absent_tries,
  item_not_found_max: mostTries,
});

export function viewLogEntry(row: LogRow): z.input<typeof logEntry> {
  const after = JSON.parse(row.after) as WatchChange;
  return {
    id: row.id,
    event_type: row.event_type,
    source_server: row.origin,
    target_server: row.target,
    username: row.person,
    item_id: row.item_id,
    item_name: row.item_name,
    synced_value: stateInWords(after),
    success: row.success === 1,
    message: row.message,
    created_at: iso(row.at_ms),
    before: viewState(JSON.parse(row.before) as WatchChange),
    after: viewState(after),
  };
}

type Standing = {
  readonly isPaused: boolean;
  /** Of its server; null: it answers. */
  readonly awayProblem: string | null;
  readonly nowMs: number;
};

/** A sentence. */
export function whyWaiting(row: QueueRow, { isPaused, awayProblem, nowMs }: Standing): string {
  if (row.status === 'failed') return `it was set aside: ${row.problem ?? 'it failed'}`;
  if (row.status === 'waiting') return `it waits until ${row.server} has the item`;
  if (isPaused) return 'sync is paused';
  if (awayProblem !== null) return `${row.server} does not answer: ${awayProblem}`;
  if (row.problem !== null) return row.problem;
  return row.due_ms > nowMs ? `it is due at ${iso(row.due_ms)}` : 'it is next';
}

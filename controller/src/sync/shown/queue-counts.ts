// Pure: how many rows of the queue are of which kind, and how many losses are held before they come there.
import type { QueueStatus } from '../state/sync-tables.ts';

export const STATUSES: readonly QueueStatus[] = ['pending', 'waiting', 'failed'];

export type QueueCounts = Readonly<Record<QueueStatus | 'held', number>>;

export const noCounts: QueueCounts = { pending: 0, waiting: 0, failed: 0, held: 0 };

export const sumCounts = (all: readonly QueueCounts[]): QueueCounts => ({
  pending: all.reduce((sum, { pending }) => sum + pending, 0),
  waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
  failed: all.reduce((sum, { failed }) => sum + failed, 0),
  held: all.reduce((sum, { held }) => sum + held, 0),
});

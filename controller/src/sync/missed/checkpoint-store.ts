// How far each server's activity log was read, and which end of a scan of its libraries was followed. Times by that server's clock.
import type { Kysely } from 'kysely';

export type CheckpointTables = {
  sync_checkpoints: { server: string; activity_ms: number; activity_id: number; scan_end_ms: number | null };
};

export type Checkpoint = {
  /** Of the newest entry that was read. */
  readonly activityMs: number;
  readonly activityId: number;
  /** Of the last scan whose items were read; null before the first. */
  readonly scanEndMs: number | null;
};

/** Null: nothing of it was read yet. */
export async function readCheckpoint(db: Kysely<CheckpointTables>, server: string): Promise<Checkpoint | null> {
  const row = await db.selectFrom('sync_checkpoints').selectAll().where('server', '=', server).executeTakeFirst();
  if (row === undefined) return null;
  const { activity_ms: activityMs, activity_id: activityId, scan_end_ms: scanEndMs } = row;
  // PostgreSQL gives a bigint as text.
  return {
    activityMs: Number(activityMs),
    activityId: Number(activityId),
    scanEndMs: scanEndMs === null ? null : Number(scanEndMs),
  };
}

export async function writeCheckpoint(db: Kysely<CheckpointTables>, server: string, checkpoint: Checkpoint): Promise<void> {
  const { activityMs, activityId, scanEndMs } = checkpoint;
  const row = { activity_ms: activityMs, activity_id: activityId, scan_end_ms: scanEndMs };
  await db
    .insertInto('sync_checkpoints')
    .values({ server, ...row })
    .onConflict((conflict) => conflict.column('server').doUpdateSet(row))
    .execute();
}

// What was set before us and what we set since, on disk before the first write and until it is back.
import type { Kysely } from 'kysely';
import type { LimitRecord } from './judge-limit.ts';

export type LimitTables = {
  limit_originals: { target: string; label: string; original_bps: number; held: number; changed_at: number };
  limit_writes: { target: string; bps: number; at: number };
};

/** One target with its record and a name for people. */
export type HeldLimit = { readonly target: string; readonly label: string; readonly record: LimitRecord };

export type LimitStore = {
  /** From memory: what `open` read and every change since. */
  record(target: string): LimitRecord | null;
  /** Everything that is not back yet. */
  held(): readonly HeldLimit[];
  /** Durable when it resolves; only then may the cap be written. @throws ControllerError storage_failed: then it must not. */
  beforeWrite(write: CapWrite): Promise<void>;
  /** A hand edit while we hold the target: the new original. */
  keepOriginal(target: string, originalBps: number): Promise<void>;
  /** The original is back, or its owner is gone; the record stays. */
  restored(target: string): Promise<void>;
};

export type CapWrite = {
  readonly target: string;
  readonly label: string;
  readonly originalBps: number;
  /** What stands now; where that is a cap of ours, it is still known as one should this write never land. */
  readonly currentBps: number;
  readonly capBps: number;
};

type Entry = { label: string; originalBps: number; held: boolean; writes: { readonly bps: number; readonly at: number }[] };

const DAY_MS = 24 * 3_600_000;

/** Reads what an earlier run left behind. `now` is UTC ms. */
export async function openLimitStore(db: Kysely<LimitTables>, now: () => number): Promise<LimitStore> {
  const entries = await readEntries(db);
  const recordOf = (entry: Entry): LimitRecord => ({
    originalBps: entry.originalBps,
    held: entry.held,
    writtenBps: recent(entry.writes, now()).map(({ bps }) => bps),
  });
  const setHeld = async (target: string, held: boolean, originalBps?: number): Promise<void> => {
    const entry = entries.get(target);
    if (!entry) return;
    const changed = { held: held ? 1 : 0, original_bps: originalBps ?? entry.originalBps, changed_at: now() };
    await db.updateTable('limit_originals').set(changed).where('target', '=', target).execute();
    entry.held = held;
    entry.originalBps = changed.original_bps;
  };
  return {
    record: (target) => {
      const entry = entries.get(target);
      return entry ? recordOf(entry) : null;
    },
    held: () =>
      [...entries]
        .filter(([, entry]) => entry.held)
        .map(([target, entry]) => ({ target, label: entry.label, record: recordOf(entry) })),
    async beforeWrite({ target, label, originalBps, currentBps, capBps }) {
      const known = entries.get(target)?.writes ?? [];
      const writes = withWrite(known, { currentBps, capBps, now: now() });
      const at = writes.at(-1)?.at ?? now();
      await db.transaction().execute(async (tx) => {
        const row = { label, original_bps: originalBps, held: 1, changed_at: at };
        await tx
          .insertInto('limit_originals')
          .values({ target, ...row })
          .onConflict((conflict) => conflict.column('target').doUpdateSet(row))
          .execute();
        const [gone, come] = [known.filter((write) => !writes.includes(write)), writes.filter((write) => !known.includes(write))];
        for (const { bps } of gone)
          await tx.deleteFrom('limit_writes').where('target', '=', target).where('bps', '=', bps).execute();
        await tx
          .insertInto('limit_writes')
          .values(come.map((write) => ({ target, ...write })))
          .execute();
      });
      entries.set(target, { label, originalBps, held: true, writes });
    },
    keepOriginal: (target, originalBps) => setHeld(target, true, originalBps),
    restored: (target) => setHeld(target, false),
  };
}

/**
 * A write counts for as long as it stood and a day longer: a page may have been opened at its last moment.
 * The last two count however old they are: the last may never have landed, then the one before it stands.
 */
function recent(writes: Entry['writes'], now: number): Entry['writes'] {
  if (writes.length <= 2) return writes;
  return writes.filter((_, i) => i >= writes.length - 2 || now - (writes[i + 1]?.at ?? now) < DAY_MS);
}

/** Each value once, with its newest time; times rise even where the machine's clock was set back, since they are the order. */
function withWrite(
  known: Entry['writes'],
  { currentBps, capBps, now }: { readonly currentBps: number; readonly capBps: number; readonly now: number },
): Entry['writes'] {
  const at = Math.max(now, (known.at(-1)?.at ?? 0) + 1);
  const stands = known.some(({ bps }) => bps === currentBps) && currentBps !== capBps ? [{ bps: currentBps, at }] : [];
  const others = recent(known, now).filter(({ bps }) => bps !== currentBps && bps !== capBps);
  return [...others, ...stands, { bps: capBps, at: at + stands.length }];
}

async function readEntries(db: Kysely<LimitTables>): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (const row of await db.selectFrom('limit_originals').selectAll().execute()) {
    // PostgreSQL gives 64-bit integers as text.
    entries.set(row.target, {
      label: row.label,
      originalBps: Number(row.original_bps),
      held: Number(row.held) === 1,
      writes: [],
    });
  }
  for (const row of await db.selectFrom('limit_writes').selectAll().orderBy('at').execute()) {
    entries.get(row.target)?.writes.push({ bps: Number(row.bps), at: Number(row.at) });
  }
  return entries;
}

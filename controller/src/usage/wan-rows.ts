// The WAN's bytes by day, and the counters' last word, as rows.
import type { Kysely, Transaction } from 'kysely';
import type { WanBaseline } from './count-wan.ts';
import type { UsageTables } from './usage-tables.ts';
import type { WanDay } from './wan-days.ts';

/** Added to what the day has. */
export async function addWanDay(
  tx: Transaction<UsageTables>,
  { at, upBytes, downBytes, seenMs, filledMs }: WanDay,
): Promise<void> {
  await tx
    .insertInto('usage_wan_days')
    .values({ at, up_bytes: upBytes, down_bytes: downBytes, seen_ms: seenMs, filled_ms: filledMs })
    .onConflict((conflict) =>
      conflict.column('at').doUpdateSet((eb) => ({
        up_bytes: eb('usage_wan_days.up_bytes', '+', eb.ref('excluded.up_bytes')),
        down_bytes: eb('usage_wan_days.down_bytes', '+', eb.ref('excluded.down_bytes')),
        seen_ms: eb('usage_wan_days.seen_ms', '+', eb.ref('excluded.seen_ms')),
        filled_ms: eb('usage_wan_days.filled_ms', '+', eb.ref('excluded.filled_ms')),
      })),
    )
    .execute();
}

export const readWanDays = async (db: Kysely<UsageTables>): Promise<readonly WanDay[]> =>
  (await db.selectFrom('usage_wan_days').selectAll().execute()).map((row) => ({
    // PostgreSQL gives 64-bit integers as text.
    at: Number(row.at),
    upBytes: Number(row.up_bytes),
    downBytes: Number(row.down_bytes),
    seenMs: Number(row.seen_ms),
    filledMs: Number(row.filled_ms),
  }));

/** Of the WAN that is counted now; that of another is forgotten. */
export async function keepBaseline(
  tx: Transaction<UsageTables>,
  { wan, device, uptimeS, txBytes, rxBytes, utc }: WanBaseline,
): Promise<void> {
  await tx.deleteFrom('usage_baseline').where('wan', '!=', wan).execute();
  const row = { device, uptime_s: uptimeS, tx_bytes: txBytes, rx_bytes: rxBytes, utc };
  await tx
    .insertInto('usage_baseline')
    .values({ wan, ...row })
    .onConflict((conflict) => conflict.column('wan').doUpdateSet(row))
    .execute();
}

export async function readBaseline(db: Kysely<UsageTables>): Promise<WanBaseline | null> {
  const row = await db.selectFrom('usage_baseline').selectAll().limit(1).executeTakeFirst();
  if (row === undefined) return null;
  const { wan, device, uptime_s: uptimeS } = row;
  return { wan, device, uptimeS, txBytes: Number(row.tx_bytes), rxBytes: Number(row.rx_bytes), utc: Number(row.utc) };
}

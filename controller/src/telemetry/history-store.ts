// The kept tiers of history: minutes for a week, hours for two years.
import type { Kysely } from 'kysely';
import { type Bucket, HOUR_MS, MINUTE_MS, toBuckets } from './bucket.ts';

type Row = {
  wan: string;
  at: number;
  up_bps: number;
  down_bps: number;
  up_peak_bps: number;
  down_peak_bps: number;
  samples: number;
};
export type TelemetryTables = { wan_minutes: Row; wan_hours: Row };

const MINUTES_KEPT_MS = 7 * 24 * HOUR_MS;
const HOURS_KEPT_MS = 2 * 366 * 24 * HOUR_MS;

export type HistoryStore = {
  /** Whole minutes of all WANs in one transaction. A minute that is there already (a restart within it) is joined. */
  addMinutes(minutes: readonly { readonly wan: string; readonly bucket: Bucket }[]): Promise<void>;
  /** Makes the hours that ended since, and drops what is older than each tier keeps. */
  rollUp(now: number): Promise<void>;
  range(wan: string, tier: 'minutes' | 'hours', from: number, to: number): Promise<readonly Bucket[]>;
};

export function createHistoryStore(db: Kysely<TelemetryTables>): HistoryStore {
  return {
    async addMinutes(minutes) {
      if (minutes.length === 0) return;
      await db.transaction().execute(async (tx) => {
        for (const { wan, bucket } of minutes) {
          const there = await tx
            .selectFrom('wan_minutes')
            .selectAll()
            .where('wan', '=', wan)
            .where('at', '=', bucket.at)
            .executeTakeFirst();
          const [whole = bucket] = there ? toBuckets([toBucket(there), bucket], MINUTE_MS) : [bucket];
          if (there) await tx.deleteFrom('wan_minutes').where('wan', '=', wan).where('at', '=', bucket.at).execute();
          await tx.insertInto('wan_minutes').values(toRow(wan, whole)).execute();
        }
      });
    },
    async rollUp(now) {
      const until = Math.floor(now / HOUR_MS) * HOUR_MS;
      await db.transaction().execute(async (tx) => {
        const last = await tx
          .selectFrom('wan_hours')
          .select(({ fn }) => fn.max('at').as('at'))
          // Hours that a wrong clock wrote into the future must not stop this for years.
          .where('at', '<', until)
          .executeTakeFirst();
        const from = last?.at === null || last?.at === undefined ? 0 : Number(last.at) + HOUR_MS;
        const minutes = await tx.selectFrom('wan_minutes').selectAll().where('at', '>=', from).where('at', '<', until).execute();
        for (const [wan, rows] of Map.groupBy(minutes, (row) => row.wan)) {
          const hours = toBuckets(rows.map(toBucket), HOUR_MS);
          if (hours.length > 0)
            await tx
              .insertInto('wan_hours')
              .values(hours.map((bucket) => toRow(wan, bucket)))
              .onConflict((conflict) => conflict.columns(['wan', 'at']).doNothing())
              .execute();
        }
        await tx
          .deleteFrom('wan_minutes')
          .where('at', '<', now - MINUTES_KEPT_MS)
          .execute();
        await tx
          .deleteFrom('wan_hours')
          .where('at', '<', now - HOURS_KEPT_MS)
          .execute();
      });
    },
    async range(wan, tier, from, to) {
      const table = tier === 'minutes' ? 'wan_minutes' : 'wan_hours';
      return (
        await db
          .selectFrom(table)
          .selectAll()
          .where('wan', '=', wan)
          .where('at', '>=', from)
          .where('at', '<', to)
          .orderBy('at')
          .execute()
      ).map(toBucket);
    },
  };
}

const toRow = (wan: string, bucket: Bucket): Row => ({
  wan,
  at: bucket.at,
  up_bps: bucket.upBps,
  down_bps: bucket.downBps,
  up_peak_bps: bucket.upPeakBps,
  down_peak_bps: bucket.downPeakBps,
  samples: bucket.samples,
});

// PostgreSQL gives 64-bit integers as text.
const toBucket = (row: Row): Bucket => ({
  at: Number(row.at),
  upBps: Number(row.up_bps),
  downBps: Number(row.down_bps),
  upPeakBps: Number(row.up_peak_bps),
  downPeakBps: Number(row.down_peak_bps),
  samples: Number(row.samples),
});

// Usage on disk: each minute added to its minute, its quarter of an hour and its day; old rows dropped, and never more than so many.
import type { Kysely, Transaction } from 'kysely';
import type { Dimension, Drawn, Place } from './amount.ts';
import type { WanBaseline } from './count-wan.ts';
import { openSubjects } from './usage-subjects.ts';
import { DAY_MS, KEPT, MINUTE_MS, QUARTER_MS, TIERS, type Tier, type UsageTables } from './usage-tables.ts';
import type { WanDay } from './wan-days.ts';
import { addWanDay, keepBaseline, readBaseline, readWanDays } from './wan-rows.ts';

/** What one minute brought. All of it is written, or nothing. */
export type UsageMinute = {
  /** UTC ms of its beginning, and of the midnight before it by the clocks of the home. */
  readonly at: number;
  readonly midnight: number;
  readonly drawn: readonly Drawn[];
  readonly wanDays: readonly WanDay[];
  readonly baseline: WanBaseline | null;
};

export type UsagePoint = Drawn & { readonly at: number };
export type PointsWanted = {
  readonly tier: Tier;
  readonly by: Dimension;
  readonly place: Place | null;
  readonly name: string | null;
  readonly from: number;
  readonly to: number;
};

export type UsageStore = {
  /** Adds to what there is: a minute may come in parts, as after a restart or where the clock was set back. */
  add(minute: UsageMinute): Promise<void>;
  /** In order of time. At most `MOST_POINTS`, the newest. */
  points(wanted: PointsWanted): Promise<readonly UsagePoint[]>;
  /** Drops what is older than each tier keeps, what lies in a future that a wrong clock made, and the oldest of what is too much. */
  prune(now: number): Promise<void>;
  wanDays(): Promise<readonly WanDay[]>;
  baseline(): Promise<WanBaseline | null>;
  /** What was told of the month that began then. */
  told(monthAt: number): Promise<ReadonlySet<string>>;
  tell(monthAt: number, thresholds: readonly string[]): Promise<void>;
};

const MOST_POINTS = 150_000;

/** @throws ControllerError storage_failed, as does each of its functions */
export async function openUsageStore(db: Kysely<UsageTables>): Promise<UsageStore> {
  const subjects = await openSubjects(db);
  return {
    async add(minute) {
      const { numbered, write, keep } = subjects.number(minute.drawn);
      await db.transaction().execute(async (tx) => {
        await write(tx);
        for (const drawn of numbered) await addPoint(tx, minute, drawn);
        for (const day of minute.wanDays) await addWanDay(tx, day);
        if (minute.baseline !== null) await keepBaseline(tx, minute.baseline);
      });
      keep();
    },
    async points({ tier, by, place, name, from, to }) {
      const wanted = subjects.find(
        (one) => one.by === by && (place === null || one.place === place) && (name === null || one.name === name),
      );
      if (wanted.size === 0) return [];
      const rows = await db
        .selectFrom('usage_points')
        .selectAll()
        .where('tier', '=', TIERS[tier])
        .where('at', '>=', from)
        .where('at', '<', to)
        .where('subject', 'in', [...wanted.keys()])
        .orderBy('at', 'desc')
        .limit(MOST_POINTS)
        .execute();
      return rows.reverse().flatMap((row): readonly UsagePoint[] => {
        const subject = wanted.get(row.subject);
        if (subject === undefined) return [];
        // PostgreSQL gives 64-bit integers as text.
        const [at, upBytes, downBytes, ms] = [Number(row.at), Number(row.up_bytes), Number(row.down_bytes), Number(row.ms)];
        return [{ ...subject, at, upBytes, downBytes, ms }];
      });
    },
    async prune(now) {
      await prune(db, now);
      await subjects.makeRoom();
    },
    wanDays: () => readWanDays(db),
    baseline: () => readBaseline(db),
    async told(monthAt) {
      const told = await db.selectFrom('data_cap_told').select('threshold').where('month_at', '=', monthAt).execute();
      return new Set(told.map(({ threshold }) => threshold));
    },
    async tell(monthAt, thresholds) {
      if (thresholds.length === 0) return;
      await db
        .insertInto('data_cap_told')
        .values(thresholds.map((threshold) => ({ month_at: monthAt, threshold })))
        .onConflict((conflict) => conflict.columns(['month_at', 'threshold']).doNothing())
        .execute();
    },
  };
}

/** One statement of one text for all three tiers. */
async function addPoint(
  tx: Transaction<UsageTables>,
  { at, midnight }: UsageMinute,
  { subject, upBytes, downBytes, ms }: Drawn & { readonly subject: number },
): Promise<void> {
  const amount = { subject, up_bytes: Math.round(upBytes), down_bytes: Math.round(downBytes), ms: Math.round(ms) };
  await tx
    .insertInto('usage_points')
    .values([
      { tier: TIERS.minute, at: Math.floor(at / MINUTE_MS) * MINUTE_MS, ...amount },
      { tier: TIERS.quarter, at: Math.floor(at / QUARTER_MS) * QUARTER_MS, ...amount },
      { tier: TIERS.day, at: midnight, ...amount },
    ])
    .onConflict((conflict) =>
      conflict.columns(['tier', 'at', 'subject']).doUpdateSet((eb) => ({
        up_bytes: eb('usage_points.up_bytes', '+', eb.ref('excluded.up_bytes')),
        down_bytes: eb('usage_points.down_bytes', '+', eb.ref('excluded.down_bytes')),
        ms: eb('usage_points.ms', '+', eb.ref('excluded.ms')),
      })),
    )
    .execute();
}

async function prune(db: Kysely<UsageTables>, now: number): Promise<void> {
  const wanKept = now - KEPT.day.ms;
  const future = now + 2 * DAY_MS;
  await db.transaction().execute(async (tx) => {
    for (const [name, tier] of Object.entries(TIERS)) {
      const { ms, rows } = KEPT[name as Tier];
      const ofTier = tx.deleteFrom('usage_points').where('tier', '=', tier);
      await ofTier.where((eb) => eb.or([eb('at', '<', now - ms), eb('at', '>', future)])).execute();
      const edge = await tx
        .selectFrom('usage_points')
        .select('at')
        .where('tier', '=', tier)
        .orderBy('at', 'desc')
        .offset(rows)
        .limit(1)
        .executeTakeFirst();
      if (edge) await ofTier.where('at', '<=', Number(edge.at)).execute();
    }
    await tx
      .deleteFrom('usage_wan_days')
      .where((eb) => eb.or([eb('at', '<', wanKept), eb('at', '>', future)]))
      .execute();
    await tx.deleteFrom('data_cap_told').where('month_at', '<', wanKept).execute();
  });
}

// What the operator changed while Headgate ran, for good or until a moment, over what the configuration says; kept over restarts.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Override, overridden, storedOverrides, withOverride, withoutKeys } from './overrides.ts';
import type { BandwidthSettings, Boost } from './settings.ts';
import { patched } from './settings-patch.ts';

export type SettingsTables = { bandwidth_settings: { name: string; value: string } };

/** Only what may be changed while running. `capacityUpBps` null goes back to what the configuration says. */
export const settingsChange = z.strictObject({
  enabled: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  algorithm: z.string().min(1).max(64).optional(),
  reserve: z
    .union([z.strictObject({ percent: z.number().min(0).max(90) }), z.strictObject({ bps: z.int().nonnegative() })])
    .optional(),
  capacityUpBps: z.int().positive().nullable().optional(),
});
export type SettingsChange = z.infer<typeof settingsChange>;

const boosts = z.array(z.object({ viewer: z.string(), bps: z.number().nullable(), until: z.number() }));

export type SettingsStore = {
  settings(): BandwidthSettings;
  boosts(): readonly Boost[];
  /** Ends overrides of the same settings. */
  change(change: SettingsChange): Promise<void>;
  /** Replaces a boost of the same viewer. One that has ended is dropped. */
  boost(boost: Boost): Promise<void>;
  /** Those that hold now. */
  overrides(): readonly Override[];
  /** Over all else until its end; over an earlier one of the same settings. */
  override(wish: Override): Promise<void>;
};

export type SettingsDeps = {
  /** What the configuration says for now; it shows wherever nothing was changed while running. */
  readonly configured: () => BandwidthSettings;
  /** UTC ms. */
  readonly now: () => number;
  /** Of this run alone (`--dry-run`): wins over everything and is not kept. */
  readonly forced?: { readonly dryRun?: boolean } | undefined;
};

export async function openSettingsStore(
  db: Kysely<SettingsTables>,
  { configured, now, forced = {} }: SettingsDeps,
): Promise<SettingsStore> {
  const rows = new Map((await db.selectFrom('bandwidth_settings').selectAll().execute()).map(({ name, value }) => [name, value]));
  let changed = settingsChange.safeParse(parsed(rows.get('changed'))).data ?? {};
  let raised: readonly Boost[] = boosts.safeParse(parsed(rows.get('boosts'))).data ?? [];
  let overrides: readonly Override[] = storedOverrides.safeParse(parsed(rows.get('overrides'))).data ?? [];
  let turn: Promise<unknown> = Promise.resolve();
  /** One after another: each starts from what the one before left. */
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {}); // the caller hears of it
    await mine;
  };
  const write = async (name: string, value: unknown): Promise<void> => {
    const row = { value: JSON.stringify(value) };
    await db
      .insertInto('bandwidth_settings')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  };
  return {
    settings() {
      const { capacityUpBps, ...byHand } = changed;
      const lasting = patched(configured(), { ...byHand, capacityUpBps: capacityUpBps ?? undefined });
      return { ...overridden(lasting, overrides, now()), ...forced };
    },
    boosts: () => raised,
    overrides: () => overrides.filter(({ until }) => until > now()),
    change: (change) =>
      inTurn(async () => {
        const next = { ...changed, ...change };
        // What lasts is said after what was for a while, so it is what is meant.
        const left = withoutKeys(overrides, Object.keys(change), now());
        if (left.length !== overrides.length) await write('overrides', left);
        await write('changed', next);
        [changed, overrides] = [next, left];
      }),
    override: (wish) =>
      inTurn(async () => {
        const next = withOverride(overrides, wish, now());
        await write('overrides', next);
        overrides = next;
      }),
    boost: (boost) =>
      inTurn(async () => {
        const next = [
          ...raised.filter(({ viewer, until }) => viewer !== boost.viewer && until > now()),
          ...(boost.until > now() ? [boost] : []),
        ];
        await write('boosts', next);
        raised = next;
      }),
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Everything that the feature keeps on disk, opened as one.
import type { Kysely } from 'kysely';
import { createDecisionStore, type DecisionStore, type DecisionTables } from './decision-store.ts';
import { type OverheadStore, type OverheadTables, openOverheadStore } from './learned/overhead-store.ts';
import { type LimitStore, type LimitTables, openLimitStore } from './limits/limit-store.ts';
import { openPauseStore, type PauseStore, type PauseTables } from './pausing/pause-store.ts';
import type { BandwidthSettings } from './settings.ts';
import { openSettingsStore, type SettingsStore, type SettingsTables } from './settings-store.ts';

export type BandwidthStores = {
  readonly limits: LimitStore;
  readonly pauses: PauseStore;
  readonly settings: SettingsStore;
  readonly decisions: DecisionStore;
  readonly overheads: OverheadStore;
};

export type OpenStoresDeps = {
  /** The one database, seen as these tables. */
  readonly tables: <Tables>() => Kysely<Tables>;
  /** UTC ms. */
  readonly now: () => number;
  /** What the configuration says for now. */
  readonly configured: () => BandwidthSettings;
  /** Of this run alone. */
  readonly forced?: { readonly dryRun?: boolean };
};

export const openBandwidthStores = async ({ tables, now, configured, forced }: OpenStoresDeps): Promise<BandwidthStores> => ({
  limits: await openLimitStore(tables<LimitTables>(), now),
  pauses: await openPauseStore(tables<PauseTables>()),
  settings: await openSettingsStore(tables<SettingsTables>(), { configured, now, forced }),
  decisions: createDecisionStore(tables<DecisionTables>()),
  overheads: await openOverheadStore(tables<OverheadTables>()),
});

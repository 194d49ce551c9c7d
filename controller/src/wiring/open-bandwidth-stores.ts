// What the bandwidth feature keeps: originals, what was stopped, the operator's changes over the settings of the hour, the history of decisions.
import { createDecisionStore, type DecisionTables } from '../bandwidth/decision-store.ts';
import { type LimitTables, openLimitStore } from '../bandwidth/limit-store.ts';
import { openPauseStore, type PauseTables } from '../bandwidth/pause-store.ts';
import type { BandwidthSettings } from '../bandwidth/settings.ts';
import { openSettingsStore, type SettingsTables } from '../bandwidth/settings-store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';
import { settingsByTheHour } from './bandwidth-of-config.ts';
import { letSeedingGo } from './let-seeding-go.ts';

export type BandwidthStoreDeps = { readonly config: Config; readonly clock: Clock; readonly dryRun: boolean };

/**
 * @param settle what the moment makes of the settings of the hour; the operator's changes stand over it
 * @throws ControllerError storage_failed
 */
export async function openBandwidthStores(
  { config, clock, dryRun }: BandwidthStoreDeps,
  database: Database,
  settle: (settings: BandwidthSettings) => BandwidthSettings,
) {
  const configured = settingsByTheHour(config);
  const now = (): BandwidthSettings => settle(configured(clock.now()));
  return await letSeedingGo(config, {
    limits: await openLimitStore(database.tables<LimitTables>(), () => clock.now()),
    pauses: await openPauseStore(database.tables<PauseTables>()),
    settings: await openSettingsStore(database.tables<SettingsTables>(), now, dryRun ? { dryRun } : {}),
    decisions: createDecisionStore(database.tables<DecisionTables>()),
  });
}

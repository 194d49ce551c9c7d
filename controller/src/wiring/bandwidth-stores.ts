// What the bandwidth feature keeps, opened with the settings of the hour.
import { openBandwidthStores } from '../bandwidth/open-stores.ts';
import type { BandwidthSettings } from '../bandwidth/settings.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';
import { settingsByTheHour } from './bandwidth-of-config.ts';
import { letSeedingGo } from './let-seeding-go.ts';

export type BandwidthStoresDeps = { readonly config: Config; readonly clock: Clock; readonly dryRun: boolean };

/** @param settle changes settings by what else is known, such as a data cap that is used up */
export async function bandwidthStores(
  { config, clock, dryRun }: BandwidthStoresDeps,
  { tables }: Database,
  settle: (settings: BandwidthSettings) => BandwidthSettings,
) {
  const hourly = settingsByTheHour(config);
  const now = (): number => clock.now();
  const configured = (): BandwidthSettings => settle(hourly(now()));
  const stores = await openBandwidthStores({ tables, now, configured, forced: dryRun ? { dryRun } : {} });
  return await letSeedingGo(config, stores);
}

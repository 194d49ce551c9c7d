// What the bandwidth feature keeps, with the settings of the hour as the moment leaves them.
import { openBandwidthStores } from '../bandwidth/open-stores.ts';
import type { BandwidthSettings } from '../bandwidth/settings.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';
import { settingsByTheHour } from './bandwidth-of-config.ts';
import { letSeedingGo } from './let-seeding-go.ts';

type HomeStoreDeps = { readonly config: Config; readonly clock: Clock; readonly dryRun: boolean };

/**
 * @param settle what is made of the settings of the hour; what was said by hand stands over it
 * @throws ControllerError storage_failed
 */
export async function openHomeStores(
  { config, clock, dryRun }: HomeStoreDeps,
  { tables }: Database,
  settle: (settings: BandwidthSettings) => BandwidthSettings,
) {
  const byTheHour = settingsByTheHour(config);
  const now = (): number => clock.now();
  const forced = dryRun ? { dryRun } : {};
  return await letSeedingGo(
    config,
    await openBandwidthStores({ tables, now, configured: () => settle(byTheHour(now())), forced }),
  );
}

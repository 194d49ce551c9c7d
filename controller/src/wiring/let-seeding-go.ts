// What is on record as taken from our own seeding, where that is switched off: its limits died with the process that had them, so nobody waits for them.

import type { LimitStore } from '../bandwidth/limits/limit-store.ts';
import { torrentTarget } from '../bandwidth/limits/limit-targets.ts';
import type { PauseStore } from '../bandwidth/pausing/pause-store.ts';
import type { Config } from '../config/config-schema.ts';
import { SEEDING_NAME } from '../distribution/seeding-client.ts';

type Stores = { readonly limits: LimitStore; readonly pauses: PauseStore };

/** Nothing happens where it is on, or a download client has its name. @throws ControllerError storage_failed */
export async function letSeedingGo<Given extends Stores>(
  { distribution, torrentClients }: Config,
  stores: Given,
): Promise<Given> {
  if (distribution.enabled || torrentClients.some(({ name }) => name === SEEDING_NAME)) return stores;
  for (const direction of ['upload', 'download'] as const) {
    const target = torrentTarget(SEEDING_NAME, { direction, mode: 'normal' });
    if (stores.limits.record(target)?.held === true) await stores.limits.restored(target);
  }
  if (stores.pauses.held(SEEDING_NAME).length > 0) await stores.pauses.forget(SEEDING_NAME);
  return stores;
}

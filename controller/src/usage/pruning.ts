// When old usage is dropped: each hour, and not while the machine's clock has only just been set: one that leaps ahead would take everything.
import type { Clock } from '../clock.ts';
import type { UsageStore } from './usage-store.ts';

const EACH_MS = 3_600_000;
const LEAP_MS = 10 * 60_000;

export function createPruning(store: Pick<UsageStore, 'prune'>, clock: Clock) {
  let since = clock.monotonic();
  let ahead = clock.now() - clock.monotonic();
  return {
    /** To be called each minute. @throws ControllerError storage_failed */
    async look(): Promise<void> {
      const [now, steady] = [clock.now(), clock.monotonic()];
      if (Math.abs(now - steady - ahead) > LEAP_MS) since = steady;
      ahead = now - steady;
      if (steady - since < EACH_MS) return;
      since = steady;
      await store.prune(now);
    },
  };
}

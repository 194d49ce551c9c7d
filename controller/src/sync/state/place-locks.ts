// One at a time for each user's item of a server: a reading and a hook of the same moment must not pass each other.
import type { Place } from './sync-tables.ts';

export type PlaceLocks = {
  /** Runs `work` when whatever was begun before for this place has ended, however it ended. */
  hold<Result>(place: Place, work: () => Promise<Result>): Promise<Result>;
};

export function createPlaceLocks(): PlaceLocks {
  const last = new Map<string, Promise<unknown>>();
  return {
    async hold(place, work) {
      const key = `${place.server} ${place.userId} ${place.itemId}`;
      const before = last.get(key);
      const mine = (async () => {
        await before?.catch(() => {});
        return await work();
      })();
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}

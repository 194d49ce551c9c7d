// Which items a server said not to have: not asked for again for a while.
import type { Clock } from '../../clock.ts';

export type MissingItems = {
  add(server: string, itemId: string): void;
  remove(server: string, itemId: string): void;
  has(server: string, itemId: string): boolean;
};

const REMEMBERED_MS = 600_000;
/** The oldest are forgotten first. */
const MOST = 50_000;

export function createMissingItems(clock: Pick<Clock, 'monotonic'>): MissingItems {
  const since = new Map<string, number>();
  const keyOf = (server: string, itemId: string): string => `${server}/${itemId}`;
  return {
    add(server, itemId) {
      const key = keyOf(server, itemId);
      since.delete(key);
      since.set(key, clock.monotonic());
      for (const oldest of since.keys()) {
        if (since.size <= MOST) break;
        since.delete(oldest);
      }
    },
    remove: (server, itemId) => void since.delete(keyOf(server, itemId)),
    has(server, itemId) {
      const at = since.get(keyOf(server, itemId));
      return at !== undefined && clock.monotonic() - at < REMEMBERED_MS;
    },
  };
}

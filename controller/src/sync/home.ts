// Who is who and what is what in this home, as taking reports needs it.
import type { Clock } from '../clock.ts';
import type { ItemIndex } from './index/item-index.ts';
import { mappedPath, type PathMap } from './index/path-maps.ts';
import { nameOf } from './learn-item.ts';
import type { People } from './people/people.ts';
import type { LossGuard } from './state/loss-guard.ts';
import { createProgressPace } from './state/progress-pace.ts';
import type { Around } from './state/take-report.ts';
import { kindOf, type WatchKind } from './state/watch-fields.ts';

export type HomeDeps = {
  readonly people: People;
  readonly index: Pick<ItemIndex, 'itemsOf' | 'item'>;
  readonly directions: ReadonlyMap<string, 'both' | 'source' | 'target'>;
  readonly kinds: Readonly<Record<WatchKind, boolean>>;
  readonly progressDebounceMs: number;
  readonly pathMaps: readonly PathMap[];
  readonly clock: Pick<Clock, 'now'>;
  readonly guard?: LossGuard | undefined;
  newId(): number;
  wake(servers: readonly string[]): void;
};

export function homeOf({ people, index, directions, kinds, pathMaps, clock, ...deps }: HomeDeps): Around {
  const pace = createProgressPace(deps.progressDebounceMs);
  const mayWrite = (server: string): boolean => directions.has(server) && directions.get(server) !== 'source';
  return {
    targets: (person) => people.usersOf(person).filter(({ server }) => mayWrite(server)),
    itemsOf: (identity, server) => index.itemsOf(identity).flatMap((item) => (item.server === server ? [item.itemId] : [])),
    itemNamed(server, itemId) {
      const item = index.item(server, itemId);
      if (item === null) return { name: itemId, path: null };
      return { name: nameOf(item), path: item.path === null ? null : mappedPath(server, item.path, pathMaps) };
    },
    dueMs: ({ person, identity }, changes) => pace.dueMs(`${person} ${identity}`, changes, clock.now()),
    isSynced: (field) => kinds[kindOf(field)],
    hasField({ server, itemId }, field) {
      const kind = index.item(server, itemId)?.kind;
      return (kind !== 'series' && kind !== 'season') || field === 'favourite' || field === 'rating';
    },
    isSource: (server) => directions.has(server) && directions.get(server) !== 'target',
    guard: deps.guard,
    nowMs: clock.now,
    newId: deps.newId,
    wake: deps.wake,
  };
}

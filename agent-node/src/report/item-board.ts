// How far each item is: what the report says, and what the exit code of --once goes by.
import type { NodeReport } from '@headgate/protocol';
import type { WantedItem } from '../library/wanted.ts';

export type ItemState = NodeReport['items'][number]['state'];
export type ItemRow = {
  readonly group: string;
  readonly title: string;
  readonly path: string;
  readonly infoHash: string | null;
  readonly state: ItemState;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  /** A sentence; null while all is well. */
  readonly problem: string | null;
  /** Something went wrong that a person who waits for it should know: it is not there, and it was wanted. */
  readonly isMissed: boolean;
};
/** `progress`: nothing but bytes and rates. */
export type Changed = (what?: 'progress') => void;
type Change = Partial<Pick<ItemRow, 'state' | 'bytesDone' | 'bytesTotal' | 'problem' | 'isMissed'>>;
export type ItemBoard = {
  readonly set: (item: Pick<WantedItem, 'group' | 'title' | 'path' | 'infoHash' | 'size'>, change: Change) => void;
  readonly rows: () => readonly ItemRow[];
  /** Items that are no more are forgotten. */
  readonly keepOnly: (items: readonly Pick<WantedItem, 'group' | 'path'>[]) => void;
  readonly onChange: (listener: Changed) => void;
};

export function createItemBoard(): ItemBoard {
  const rows = new Map<string, ItemRow>();
  const listeners: Changed[] = [];
  const changed: Changed = (what) => {
    for (const listener of listeners) listener(what);
  };
  return {
    set(item, change) {
      const { group, title, path, infoHash, size } = item;
      const id = idOf(item);
      const before = rows.get(id) ?? {
        state: 'waiting' as const,
        bytesDone: 0,
        bytesTotal: size,
        problem: null,
        isMissed: false,
      };
      const after = { ...before, group, title, path, infoHash, ...change };
      const isSame = rows.has(id) && after.state === before.state && after.problem === before.problem;
      rows.set(id, after);
      changed(isSame ? 'progress' : undefined);
    },
    rows: () => [...rows.values()],
    keepOnly(items) {
      const kept = new Set(items.map(idOf));
      for (const id of [...rows.keys()]) if (!kept.has(id)) rows.delete(id);
      changed();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

const idOf = ({ group, path }: Pick<WantedItem, 'group' | 'path'>): string => `${group}/${path}`;

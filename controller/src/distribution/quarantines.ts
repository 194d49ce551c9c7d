// Notices that a node got wrong bytes of an item, and tells it once: not at each try, nor after a restart.
import type { NodeReport } from '@headgate/protocol';
import type { Kysely } from 'kysely';
import type { DistributionTables } from './distribution-tables.ts';

type Item = NodeReport['items'][number];

export type QuarantinesDeps = {
  readonly db: Kysely<Pick<DistributionTables, 'distribution_quarantines'>>;
  readonly tell: (node: string, item: Item) => void;
  /** UTC ms. */
  readonly now: () => number;
};

export type Quarantines = {
  /** @throws ControllerError storage_failed */
  heard(node: string, report: NodeReport): Promise<void>;
  /** Of a node that is none of ours any more. */
  forget(node: string): Promise<void>;
};

/** Of all nodes. Where there are more wrong bytes than that, one more event helps nobody. */
const MOST_TOLD = 10_000;

const keyOf = ({ group, path }: Pick<Item, 'group' | 'path'>): string => `${group}/${path}`;

export async function openQuarantines({ db, tell, now }: QuarantinesDeps): Promise<Quarantines> {
  const told = new Map<string, Map<string, Pick<Item, 'group' | 'path'>>>();
  let count = 0;
  for (const { node, group_name: group, path } of await db.selectFrom('distribution_quarantines').selectAll().execute()) {
    told.set(node, (told.get(node) ?? new Map()).set(keyOf({ group, path }), { group, path }));
    count += 1;
  }
  const remove = async (node: string, { group, path }: Pick<Item, 'group' | 'path'>): Promise<void> => {
    await db
      .deleteFrom('distribution_quarantines')
      .where('node', '=', node)
      .where('group_name', '=', group)
      .where('path', '=', path)
      .execute();
    if (told.get(node)?.delete(keyOf({ group, path })) === true) count -= 1;
  };
  return {
    async heard(node, { items }) {
      const mine = told.get(node) ?? new Map<string, Pick<Item, 'group' | 'path'>>();
      for (const item of items) {
        if (item.state !== 'quarantined' || mine.has(keyOf(item)) || count >= MOST_TOLD) continue;
        told.set(node, mine.set(keyOf(item), item));
        count += 1;
        await db
          .insertInto('distribution_quarantines')
          .values({ node, group_name: item.group, path: item.path, told_at: now() })
          .onConflict((conflict) => conflict.columns(['node', 'group_name', 'path']).doNothing())
          .execute();
        tell(node, item);
      }
      if (mine.size === 0) return;
      // What a report does not name is placed, or not shared any more; another try is no end.
      const open = new Set(items.filter(({ state }) => state !== 'placed').map(keyOf));
      for (const [key, item] of [...mine]) if (!open.has(key)) await remove(node, item);
    },
    async forget(node) {
      count -= told.get(node)?.size ?? 0;
      told.delete(node);
      await db.deleteFrom('distribution_quarantines').where('node', '=', node).execute();
    },
  };
}

// Notices when an item is on every node of its group, and tells it once.
import type { ManifestItem, NodeReport } from '@headgate/protocol';
import type { Kysely } from 'kysely';
import type { DistributionTables } from './distribution-tables.ts';
import type { Group } from './group-store.ts';
import type { KnownNode } from './node-tokens.ts';

export type EverywhereDeps = {
  readonly db: Kysely<Pick<DistributionTables, 'distribution_everywhere'>>;
  readonly group: (name: string) => Group | null;
  readonly nodes: () => readonly KnownNode[];
  readonly tell: (group: string, item: ManifestItem, nodes: number) => void;
  /** UTC ms. */
  readonly now: () => number;
};

export type Everywhere = {
  /** @throws ControllerError storage_failed */
  heard(node: string, report: NodeReport): Promise<void>;
  /** What a group has no more may be told again when it comes back. */
  changed(group: string): Promise<void>;
};

/** Of these bytes at this place. */
const keyOf = (item: ManifestItem): string => `${item.info_hash ?? item.sha256 ?? item.torrent} ${item.path}`.slice(0, 2_000);

export async function openEverywhere({ db, group: groupOf, nodes, tell, now }: EverywhereDeps): Promise<Everywhere> {
  const told = new Map<string, Set<string>>();
  for (const row of await db.selectFrom('distribution_everywhere').selectAll().execute()) {
    const keys = told.get(row.group_name) ?? new Set();
    told.set(row.group_name, keys.add(row.item_key));
  }
  /** By group and item: who has it. One report changes one node's part of it only. */
  const having = new Map<string, Map<string, Set<string>>>();
  const toldOf = (name: string): Set<string> => told.get(name) ?? new Set();

  async function look(group: Group, node: string, report: NodeReport): Promise<void> {
    const owners = having.get(group.name) ?? new Map<string, Set<string>>();
    having.set(group.name, owners);
    const members = new Set(nodes().flatMap((one) => (one.groups.includes(group.name) ? [one.node] : [])));
    if (!members.has(node)) return;
    const isPlaced = placedIn(group, report);
    for (const item of group.items) {
      const key = keyOf(item);
      const those = owners.get(key) ?? new Set<string>();
      owners.set(key, those);
      if (!isPlaced(item)) {
        those.delete(node);
        continue;
      }
      those.add(node);
      if (toldOf(group.name).has(key) || ![...members].every((member) => those.has(member))) continue;
      told.set(group.name, toldOf(group.name).add(key));
      await db
        .insertInto('distribution_everywhere')
        .values({ group_name: group.name, item_key: key, told_at: now() })
        .onConflict((conflict) => conflict.columns(['group_name', 'item_key']).doNothing())
        .execute();
      tell(group.name, item, members.size);
    }
  }

  return {
    async heard(node, report) {
      for (const { group: name } of report.groups) {
        const group = groupOf(name);
        if (group !== null) await look(group, node, report);
      }
    },
    async changed(name) {
      const keys = new Set(groupOf(name)?.items.map(keyOf));
      for (const key of having.get(name)?.keys() ?? []) if (!keys.has(key)) having.get(name)?.delete(key);
      for (const key of [...toldOf(name)].filter((one) => !keys.has(one))) {
        toldOf(name).delete(key);
        await db.deleteFrom('distribution_everywhere').where('group_name', '=', name).where('item_key', '=', key).execute();
      }
    },
  };
}

/** A report names the first few hundred; what it does not name is placed, if it knows this version and says that there is more. */
function placedIn(group: Group, report: NodeReport): (item: ManifestItem) => boolean {
  const knows = report.groups.some((one) => one.group === group.name && (one.version ?? 0) >= group.version);
  const states = new Map(report.items.flatMap((item) => (item.group === group.name ? [[item.path, item.state]] : [])));
  return ({ path }) => (states.has(path) ? states.get(path) === 'placed' : knows && report.more_placed > 0);
}

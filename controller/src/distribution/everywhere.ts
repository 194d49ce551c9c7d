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
  /** By group and item: which of its members have it. One report changes one node's part of it only, and a size is compared, not a thousand names. */
  const having = new Map<string, Map<string, Set<string>>>();
  const toldOf = (name: string): Set<string> => told.get(name) ?? new Set();
  const itemsOf = createKeys();
  const membersOf = createMembers(nodes, (name, members) => {
    for (const those of having.get(name)?.values() ?? [])
      for (const node of [...those]) if (!members.has(node)) those.delete(node);
  });

  async function look(group: Group, node: string, report: NodeReport): Promise<void> {
    const members = membersOf(group.name);
    if (!members.has(node)) return;
    const owners = having.get(group.name) ?? new Map<string, Set<string>>();
    having.set(group.name, owners);
    const isPlaced = placedIn(group, report);
    for (const { item, key } of itemsOf(group)) {
      const those = owners.get(key) ?? new Set<string>();
      owners.set(key, those);
      if (!isPlaced(item)) {
        those.delete(node);
        continue;
      }
      those.add(node);
      if (those.size < members.size || toldOf(group.name).has(key)) continue;
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

/** Keys of a version, made once for all reports of it. */
function createKeys(): (group: Group) => readonly { readonly item: ManifestItem; readonly key: string }[] {
  const known = new WeakMap<Group, readonly { readonly item: ManifestItem; readonly key: string }[]>();
  return (group) => {
    const keys = known.get(group) ?? group.items.map((item) => ({ item, key: keyOf(item) }));
    known.set(group, keys);
    return keys;
  };
}

/** Who is of a group, looked up anew only where the list of nodes is another one. `onNew`: it may be others than before. */
function createMembers(
  nodes: () => readonly KnownNode[],
  onNew: (group: string, members: ReadonlySet<string>) => void,
): (group: string) => ReadonlySet<string> {
  const known = new Map<string, { readonly of: readonly KnownNode[]; readonly members: ReadonlySet<string> }>();
  return (group) => {
    const [of, before] = [nodes(), known.get(group)];
    if (before?.of === of) return before.members;
    const members = new Set(of.flatMap((one) => (one.groups.includes(group) ? [one.node] : [])));
    known.set(group, { of, members });
    onNew(group, members);
    return members;
  };
}

/**
 * A report names what is not placed, then some of what is; what it does not name is placed as well, if it knows this version and says that there is more. Where
 * it names none that is placed there was no room for all that is not: nothing is known of the rest.
 */
function placedIn(group: Group, report: NodeReport): (item: ManifestItem) => boolean {
  const knows =
    report.more_placed > 0 &&
    report.groups.some((one) => one.group === group.name && (one.version ?? 0) >= group.version) &&
    report.items.some(({ state }) => state === 'placed');
  const states = new Map(report.items.flatMap((item) => (item.group === group.name ? [[item.path, item.state]] : [])));
  return ({ path }) => (states.has(path) ? states.get(path) === 'placed' : knows);
}

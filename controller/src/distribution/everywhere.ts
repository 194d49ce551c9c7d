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
  const itemsOf = createItems();
  /** By group and node, of its last report. */
  const lacking = new Map<string, Map<string, Lacking>>();
  const membersOf = createMembers(nodes, (name, members) => {
    for (const those of having.get(name)?.values() ?? [])
      for (const node of [...those]) if (!members.has(node)) those.delete(node);
    // Others count now: each item is looked at anew.
    lacking.delete(name);
  });

  async function look(group: Group, node: string, report: NodeReport): Promise<void> {
    const members = membersOf(group.name);
    if (!members.has(node)) return;
    const [owners, before] = [kept(having, group.name), kept(lacking, group.name)];
    const lacks = lackingOf(group, report, itemsOf(group));
    const changed = changesOf(before.get(node), lacks, itemsOf(group));
    before.set(node, lacks);
    for (const { item, key } of changed) {
      const those = owners.get(key) ?? new Set<string>();
      owners.set(key, those);
      if (lacks.paths.has(item.path)) those.delete(node);
      else if (those.add(node).size === members.size) await tellOnce(group.name, item, members.size);
    }
  }

  async function tellOnce(name: string, item: ManifestItem, count: number): Promise<void> {
    const key = keyOf(item);
    if (toldOf(name).has(key)) return;
    told.set(name, toldOf(name).add(key));
    await db
      .insertInto('distribution_everywhere')
      .values({ group_name: name, item_key: key, told_at: now() })
      .onConflict((conflict) => conflict.columns(['group_name', 'item_key']).doNothing())
      .execute();
    tell(name, item, count);
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

type Items = ReadonlyMap<string, { readonly item: ManifestItem; readonly key: string }>;

/** By path, with their keys; made once for all reports of a version. */
function createItems(): (group: Group) => Items {
  const known = new WeakMap<Group, Items>();
  return (group) => {
    const items = known.get(group) ?? new Map(group.items.map((item) => [item.path, { item, key: keyOf(item) }]));
    known.set(group, items);
    return items;
  };
}

function kept<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const map = maps.get(name) ?? new Map<string, Value>();
  maps.set(name, map);
  return map;
}

/** What a node has not of a version. */
type Lacking = { readonly group: Group; readonly paths: ReadonlySet<string> };

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
function lackingOf(group: Group, report: NodeReport, items: Items): Lacking {
  const knows =
    report.more_placed > 0 &&
    report.groups.some((one) => one.group === group.name && (one.version ?? 0) >= group.version) &&
    report.items.some(({ state }) => state === 'placed');
  const own = report.items.filter((item) => item.group === group.name);
  const there = new Set(own.flatMap(({ state, path }) => (state === 'placed' ? [path] : [])));
  const paths = knows ? new Set<string>() : new Set([...items.keys()].filter((path) => !there.has(path)));
  for (const { state, path } of own) if (state !== 'placed') paths.add(path);
  return { group, paths };
}

/** Of hundreds of items a report changes one or none; all where it is the first of a version. */
function changesOf(before: Lacking | undefined, now: Lacking, items: Items): Iterable<{ item: ManifestItem; key: string }> {
  if (before?.group !== now.group) return items.values();
  const came = [...before.paths].filter((path) => !now.paths.has(path));
  const went = [...now.paths].filter((path) => !before.paths.has(path));
  return [...came, ...went].flatMap((path) => items.get(path) ?? []);
}

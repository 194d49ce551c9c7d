// Pure: which of some items are the same thing, and what it is called.
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import { bareName, compareKeys, type ItemKey } from './item-keys.ts';

export type KeyedItem = {
  readonly server: string;
  readonly itemId: string;
  readonly kind: SyncedItem['kind'];
  /** `numberOf`. */
  readonly number: string | null;
  readonly keys: readonly ItemKey[];
};

export type ItemGroup<Item> = { readonly name: string; readonly members: readonly Item[] };

type Bearers = { readonly key: ItemKey; readonly items: readonly number[] };

/** What the items of a group say of themselves, together. */
type Claims = {
  /** By provider. Never two of one provider. */
  readonly own: Map<string, string>;
  readonly series: Map<string, Set<string>>;
  readonly numbers: Set<string>;
};

type Group = { readonly items: number[]; readonly claims: Claims };

/** Of one thing on one server. */
const MOST_COPIES = 20;
/** So many kinds of contradiction on one key: whoever gave it did not look. */
const MOST_OPINIONS = 100;

/**
 * Keys link from strong to weak, and never what contradicts: other ids of one provider; for a series' number and a path also other ids of the series; for a path also another number.
 * Who fits several that contradict each other is left to weaker keys. So the same items are grouped the same in whatever order they come.
 * @param items all that share a key with one of them
 */
export function groupItems<Item extends KeyedItem>(items: readonly Item[]): readonly ItemGroup<Item>[] {
  const bearers = usableKeys(items);
  const usable = new Set(bearers.map(({ key }) => key.text));
  const groupOf: Group[] = items.map((item, index) => ({ items: [index], claims: claimsOf(item, usable) }));
  for (const { key, items: bearing } of bearers) {
    if (bearing.length < 2) continue;
    const groups = [...new Set(bearing.flatMap((index) => groupOf[index] ?? []))];
    if (groups.length > 1) for (const same of fitting(groups, key.of)) join(same, groupOf);
  }
  const names = namesOf(bearers, groupOf);
  return [...new Set(groupOf)].map((group) => {
    const members = group.items.flatMap((index) => items[index] ?? []);
    return { name: names.get(group) ?? firstName(members), members };
  });
}

/** By strength. Without ids that one server gives to episodes of different numbers, or to more items than there are editions of a film: those are of something larger, or wrong. */
function usableKeys(items: readonly KeyedItem[]): readonly Bearers[] {
  const bearers = new Map<string, { readonly key: ItemKey; readonly items: number[] }>();
  for (const [index, { keys }] of items.entries())
    for (const key of keys) {
      const known = bearers.get(key.text);
      if (known === undefined) bearers.set(key.text, { key, items: [index] });
      else known.items.push(index);
    }
  const usable = [...bearers.values()].filter(({ key, items: bearing }) => key.of !== 'own' || !isWornOut(bearing, items));
  return usable.sort((a, b) => compareKeys(a.key, b.key));
}

function isWornOut(bearing: readonly number[], items: readonly KeyedItem[]): boolean {
  const servers = new Map<string, { number: string | null; count: number }>();
  for (const index of bearing) {
    const item = items[index];
    if (item === undefined) continue;
    const known = servers.get(item.server) ?? { number: null, count: 0 };
    if (known.number !== null && item.number !== null && known.number !== item.number) return true;
    if (known.count === MOST_COPIES) return true;
    servers.set(item.server, { number: item.number ?? known.number, count: known.count + 1 });
  }
  return false;
}

function claimsOf({ keys, number }: KeyedItem, usable: ReadonlySet<string>): Claims {
  const claims: Claims = { own: new Map(), series: new Map(), numbers: new Set(number === null ? [] : [number]) };
  for (const { text, of, provider, id } of keys) {
    if (of === 'own' && usable.has(text)) claims.own.set(provider, id);
    if (of === 'series') claims.series.set(provider, new Set([id]));
  }
  return claims;
}

function contradict(a: Claims, b: Claims, level: ItemKey['of']): boolean {
  for (const [provider, id] of a.own) if ((b.own.get(provider) ?? id) !== id) return true;
  if (level === 'own') return false;
  for (const [provider, ids] of a.series) if (isApart(ids, b.series.get(provider))) return true;
  return level === 'path' && isApart(a.numbers, b.numbers);
}

/** Both say something, and nothing of it is the same. */
const isApart = (a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean =>
  a.size > 0 && b !== undefined && b.size > 0 && ![...a].some((one) => b.has(one));

/** Those that contradict exactly the same others belong together: they fit each other, and nobody fits only one of them. */
function fitting(groups: readonly Group[], level: ItemKey['of']): readonly (readonly Group[])[] {
  const opinions = [...Map.groupBy(groups, ({ claims }) => opinionOf(claims)).values()];
  if (opinions.length > MOST_OPINIONS) return opinions;
  const against = (claims: Claims): string =>
    opinions.flatMap(([other], place) => (other && contradict(claims, other.claims, level) ? place : [])).join(' ');
  const classes = Map.groupBy(opinions, ([one]) => (one === undefined ? '' : against(one.claims)));
  return [...classes.values()].map((some) => some.flat());
}

const opinionOf = ({ own, series, numbers }: Claims): string =>
  JSON.stringify([
    [...own].sort(byText),
    [...series].sort(byText).map(([provider, ids]) => [provider, ...[...ids].sort()]),
    [...numbers].sort(),
  ]);

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function join(groups: readonly Group[], groupOf: Group[]): void {
  const [into, ...others] = groups;
  if (into === undefined) return;
  const { own, series, numbers } = into.claims;
  for (const { items, claims } of others) {
    for (const index of items) {
      into.items.push(index);
      groupOf[index] = into;
    }
    for (const [provider, id] of claims.own) own.set(provider, id);
    for (const [provider, ids] of claims.series) series.set(provider, new Set([...(series.get(provider) ?? []), ...ids]));
    for (const number of claims.numbers) numbers.add(number);
  }
}

/** The strongest key that no other group bears. */
function namesOf(bearers: readonly Bearers[], groupOf: readonly Group[]): ReadonlyMap<Group, string> {
  const names = new Map<Group, string>();
  for (const { key, items } of bearers) {
    const [group, ...others] = new Set(items.flatMap((index) => groupOf[index] ?? []));
    if (group !== undefined && others.length === 0 && !names.has(group)) names.set(group, key.text);
  }
  return names;
}

const firstName = (members: readonly KeyedItem[]): string => members.map(bareName).sort()[0] ?? '';

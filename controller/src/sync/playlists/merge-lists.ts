// Pure: what somebody did to a list on one server, taken into the list that is agreed; what a server should have of it; and how lists meet.
import { compareTimes, type HybridTime, timeAfter } from '../state/hybrid-time.ts';
import { identityOfKey, keysOf, placeEntries, unmoved } from './place-entries.ts';

/** `at`: when it was added or moved, and where. */
export type AgreedEntry = { readonly identity: string; readonly at: HybridTime };

export type AgreedList = {
  readonly name: { readonly value: string; readonly at: HybridTime };
  /** What a server lacks keeps its place. */
  readonly entries: readonly AgreedEntry[];
  /** Null: it is there. A list that was deleted keeps what it held until it is gone everywhere. */
  readonly deletedAt: HybridTime | null;
  /** Whose order it has since servers met; null since somebody changed it. */
  readonly orderOf: string | null;
};

export type SeenEntry = { readonly itemId: string; readonly identity: string };
/** A list as a server has it. */
export type SeenList = { readonly name: string; readonly entries: readonly SeenEntry[] };

export type Observation = {
  /** What was last seen there. */
  readonly base: SeenList;
  readonly now: SeenList;
  /** Items that this user does not have there any more: what is missing of them was not taken out by anybody. */
  isGone(itemId: string): boolean;
  /** UTC ms, by our clock. */
  readonly ms: number;
  readonly origin: string;
};

/** How many entries were added, taken out and moved, by that server against what is agreed. */
export type ListChange = {
  readonly renamed: boolean;
  readonly added: number;
  readonly removed: number;
  readonly moved: number;
};

export type Merged = {
  /** The same object where nothing is agreed anew. */
  readonly agreed: AgreedList;
  readonly change: ListChange;
};

export const identities = (entries: readonly { readonly identity: string }[]): readonly string[] =>
  entries.map(({ identity }) => identity);

/** A new list, as it is on the server where somebody made it. */
export const newList = ({ name, entries }: SeenList, at: HybridTime): AgreedList => ({
  name: { value: name, at },
  entries: entries.map(({ identity }) => ({ identity, at })),
  deletedAt: null,
  orderOf: at.origin,
});

/** The newest of all that was set. */
export function latest({ name, entries, deletedAt }: AgreedList): HybridTime {
  let last = name.at;
  for (const at of [...entries.map((entry) => entry.at), ...(deletedAt === null ? [] : [deletedAt])])
    if (compareTimes(at, last) > 0) last = at;
  return last;
}

/**
 * Nobody tells when something was done to a list: it is as late as it was found, so of two who moved the same entry the one who was found later holds. Whatever
 * different people did to different entries all holds. Who takes an entry out wins over who moves it. Any change of a list that was deleted elsewhere brings it back.
 */
export function mergeList(agreed: AgreedList, { base, now, isGone, ms, origin }: Observation): Merged {
  const [baseKeys, nowKeys, agreedKeys] = [base.entries, now.entries, agreed.entries].map((entries) =>
    keysOf(identities(entries)),
  ) as [readonly string[], readonly string[], readonly string[]];
  const [inBase, inAgreed] = [new Set(baseKeys), new Set(agreedKeys)];
  const removed = removedKeys(base, now, isGone);
  const fixed = unmoved(baseKeys, nowKeys);
  // What both added stands where the first one put it; what another took out is not moved any more.
  const placed = new Set(nowKeys.filter((key) => !fixed.has(key) && inBase.has(key) === inAgreed.has(key)));
  const left = agreedKeys.filter((key) => !removed.has(key));
  const keys = placeEntries(left, { source: nowKeys, placed, anchors: fixed });
  const isRenamed = now.name !== base.name;
  const isDeleted = agreed.deletedAt !== null;
  const sameName = now.name === agreed.name.value;
  const sameOrder = keys.length === agreedKeys.length && keys.every((key, index) => key === agreedKeys[index]);
  const isTouched = isRenamed || removed.size > 0 || nowKeys.some((key) => !fixed.has(key));
  const change: ListChange = {
    renamed: isRenamed && !sameName,
    added: keys.filter((key) => !inAgreed.has(key)).length,
    removed: agreedKeys.length - left.length,
    moved: sameOrder ? 0 : [...placed].filter((key) => inAgreed.has(key)).length,
  };
  if (!(change.renamed || !sameOrder || (isDeleted && isTouched))) return { agreed, change };
  const at = timeAfter(latest(agreed), ms, origin);
  return {
    agreed: {
      name: change.renamed || (isDeleted && isTouched) ? { value: isRenamed ? now.name : agreed.name.value, at } : agreed.name,
      entries: sameOrder ? agreed.entries : entriesOf(keys, agreed, { placed, at }),
      deletedAt: null,
      orderOf: null,
    },
    change,
  };
}

/** Of an item that stands twice, the last entries count as taken out. */
function removedKeys(base: SeenList, now: SeenList, isGone: (itemId: string) => boolean): ReadonlySet<string> {
  const nowKeys = new Set(keysOf(identities(now.entries)));
  const gone = new Map<string, number>();
  for (const { identity, itemId } of base.entries) if (isGone(itemId)) gone.set(identity, (gone.get(identity) ?? 0) + 1);
  const removed = new Set<string>();
  for (const key of [...keysOf(identities(base.entries))].reverse()) {
    if (nowKeys.has(key)) continue;
    const excused = gone.get(identityOfKey(key)) ?? 0;
    if (excused > 0) gone.set(identityOfKey(key), excused - 1);
    else removed.add(key);
  }
  return removed;
}

/** `placed`: entries that were added or moved now. */
export function entriesOf(
  keys: readonly string[],
  agreed: AgreedList,
  { placed, at }: { readonly placed: ReadonlySet<string>; readonly at: HybridTime },
): readonly AgreedEntry[] {
  const known = new Map(keysOf(identities(agreed.entries)).map((key, index) => [key, agreed.entries[index]]));
  return keys.map((key) => (placed.has(key) ? undefined : known.get(key)) ?? { identity: identityOfKey(key), at });
}

/**
 * A list of a server that was never seen before meets the one of that name that is agreed. A person expects to find all that they have anywhere, each thing once,
 * and in an order that they know: that of the server whose name comes first, as long as nobody has changed the list since servers met; else that which stands.
 */
export function meetList(agreed: AgreedList, now: SeenList, ms: number, origin: string): Merged {
  const [ours, theirs] = [keysOf(identities(agreed.entries)), keysOf(identities(now.entries))];
  const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)];
  const isTheirs = agreed.orderOf !== null && origin < agreed.orderOf;
  const anchors = new Set(ours.filter((key) => inTheirs.has(key)));
  const placed = new Set(isTheirs ? ours.filter((key) => !inTheirs.has(key)) : theirs.filter((key) => !inOurs.has(key)));
  const keys = isTheirs
    ? placeEntries(theirs, { source: ours, placed, anchors })
    : placeEntries(ours, { source: theirs, placed, anchors });
  const change: ListChange = { renamed: false, added: keys.length - ours.length, removed: 0, moved: 0 };
  const isSame = keys.length === ours.length && keys.every((key, index) => key === ours[index]);
  if (isSame) return { agreed: isTheirs ? { ...agreed, orderOf: origin } : agreed, change };
  const at = timeAfter(latest(agreed), ms, origin);
  const entries = entriesOf(keys, agreed, { placed: new Set(keys.filter((key) => !inOurs.has(key))), at });
  return { agreed: { ...agreed, entries, orderOf: isTheirs ? origin : agreed.orderOf }, change };
}

/** What a server that has `now` should have: what it can have of it, in order. Of an item with copies the one that stands there stays. */
export function wantedThere(agreed: AgreedList, now: SeenList, itemsOf: (identity: string) => readonly string[]): SeenList {
  const standing = new Map<string, string[]>();
  for (const { identity, itemId } of now.entries) standing.set(identity, [...(standing.get(identity) ?? []), itemId]);
  const entries = agreed.entries.flatMap(({ identity }) => {
    const itemId = standing.get(identity)?.shift() ?? itemsOf(identity)[0];
    return itemId === undefined ? [] : [{ identity, itemId }];
  });
  return { name: agreed.name.value, entries };
}

/**
 * What counts as last seen where we were cut off while writing `writing` over `base`: what is there may be the one, the other, or something in between.
 * What is missing was not taken out by anybody then.
 */
export function afterCutOff(base: SeenList, writing: SeenList, now: SeenList): SeenList {
  const known = new Set([...keysOf(identities(base.entries)), ...keysOf(identities(writing.entries))]);
  const keys = keysOf(identities(now.entries));
  return {
    name: now.name === writing.name ? now.name : base.name,
    entries: now.entries.filter((_, index) => known.has(keys[index] ?? '')),
  };
}

export const isSameList = (a: SeenList, b: SeenList): boolean =>
  a.name === b.name &&
  a.entries.length === b.entries.length &&
  a.entries.every(({ itemId }, index) => itemId === b.entries[index]?.itemId);

/** An identity is called otherwise. Two that turn out to be one thing stand once. */
export function renameEntries(entries: readonly AgreedEntry[], nameOf: (identity: string) => string): readonly AgreedEntry[] {
  if (entries.every(({ identity }) => nameOf(identity) === identity)) return entries;
  const most = new Map<string, number>();
  for (const [identity, own] of Map.groupBy(entries, (entry) => entry.identity))
    most.set(nameOf(identity), Math.max(most.get(nameOf(identity)) ?? 0, own.length));
  const used = new Map<string, number>();
  return entries.flatMap(({ identity, at }) => {
    const name = nameOf(identity);
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return count > (most.get(name) ?? 0) ? [] : [{ identity: name, at }];
  });
}

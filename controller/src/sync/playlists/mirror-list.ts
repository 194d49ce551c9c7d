// Pure: lists of a server that is only written to: what is done there does not count, and what is only there stays.
import { type AgreedList, entriesOf, identities, type SeenList } from './merge-lists.ts';
import { keysOf, placeEntries, unmoved } from './place-entries.ts';

/** `base`: what came there by us, or was agreed as well. */
type There = { readonly base: SeenList; readonly now: SeenList };

/** What is agreed, with what is only there where it stands there. */
export function withTheirs(agreed: AgreedList, { base, now }: There): AgreedList {
  const inBase = new Set(keysOf(identities(base.entries)));
  const nowKeys = keysOf(identities(now.entries));
  const ours = keysOf(identities(agreed.entries));
  const inOurs = new Set(ours);
  const placed = new Set(nowKeys.filter((key) => !inBase.has(key) && !inOurs.has(key)));
  if (placed.size === 0) return agreed;
  const keys = placeEntries(ours, { source: nowKeys, placed, anchors: unmoved(ours, nowKeys) });
  return { ...agreed, entries: entriesOf(keys, agreed, { placed, at: agreed.name.at }) };
}

/** Of what is there, what counts as brought by us: it goes once it is not agreed any more. */
export function broughtThere(agreed: AgreedList, { base, now }: There): SeenList {
  const ours = new Set([...keysOf(identities(base.entries)), ...keysOf(identities(agreed.entries))]);
  const keys = keysOf(identities(now.entries));
  return { name: now.name, entries: now.entries.filter((_, index) => ours.has(keys[index] ?? '')) };
}

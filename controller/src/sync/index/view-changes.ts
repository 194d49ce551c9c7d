// Pure: what it means that items are called otherwise than before: which identities came to a server, left it, or have another name.
import type { Steps } from './in-turns.ts';

/** What an item was called, and is; null: it was not there, or is gone. */
export type Move = {
  readonly server: string;
  readonly itemId: string;
  readonly before: string | null;
  readonly after: string | null;
};

export type Rename = { readonly from: string; readonly to: string };

export type IndexChange = {
  readonly server: string;
  /** Some item of these is new on this server, or what is known of them was joined with another's: they must be brought to what is agreed. Names as they are now. */
  readonly appeared: readonly string[];
  /** The server has no item of these any more. */
  readonly vanished: readonly string[];
  /** Names that are no more, and what most of their items are called now; `to` may have been there before, or come several times. Of all servers, told with the first change only. */
  readonly renamed: readonly Rename[];
};

const A_STEP = 500;

/**
 * One for each server that something changed on, `cause` first.
 * @param moves of each group that has a moved item: all of its items, moved or not
 */
export function* changesOf(cause: string, moves: readonly Move[]): Steps<readonly IndexChange[]> {
  const flows = yield* flowsOf(moves);
  const renames = yield* renamesOf(flows);
  const nowOf = (before: string): string => renames.get(before) ?? before;
  const joined = joinedNames(flows, nowOf);
  const appeared = new Map<string, Set<string>>();
  const vanished = new Map<string, Set<string>>();
  for (const [index, { server, before, after }] of moves.entries()) {
    if (index % A_STEP === 0) yield;
    if (after !== null && (joined.has(after) || before === null || nowOf(before) !== after)) entry(appeared, server).add(after);
    if (before !== null) entry(vanished, server).add(nowOf(before));
  }
  for (const [index, { server, after }] of moves.entries()) {
    if (index % A_STEP === 0) yield;
    if (after !== null) vanished.get(server)?.delete(after);
  }
  const renamed = [...renames].map(([from, to]) => ({ from, to }));
  const changeOf = (server: string): IndexChange => ({
    server,
    appeared: [...(appeared.get(server) ?? [])],
    vanished: [...(vanished.get(server) ?? [])],
    renamed: server === cause ? renamed : [],
  });
  const servers = new Set([cause, ...appeared.keys(), ...vanished.keys()]);
  return [...servers]
    .map(changeOf)
    .filter((change) => change.appeared.length + change.vanished.length + change.renamed.length > 0);
}

/** By name before: names now, and how many items went there; `still`: those before that are names now. */
type Flows = { readonly from: ReadonlyMap<string, ReadonlyMap<string, number>>; readonly still: ReadonlySet<string> };

function* flowsOf(moves: readonly Move[]): Steps<Flows> {
  const from = new Map<string, Map<string, number>>();
  const still = new Set<string>();
  for (const [index, { before, after }] of moves.entries()) {
    if (index % A_STEP === 0) yield;
    if (before === null) continue;
    const flow = from.get(before) ?? new Map<string, number>();
    if (after !== null) flow.set(after, (flow.get(after) ?? 0) + 1);
    from.set(before, flow);
  }
  for (const [index, { after }] of moves.entries()) {
    if (index % A_STEP === 0) yield;
    if (after !== null && from.has(after)) still.add(after);
  }
  return { from, still };
}

function* renamesOf({ from, still }: Flows): Steps<ReadonlyMap<string, string>> {
  const renames = new Map<string, string>();
  let looked = 0;
  for (const [name, flow] of from) {
    looked += 1;
    if (looked % A_STEP === 0) yield;
    if (still.has(name)) continue;
    const [most] = [...flow].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
    if (most !== undefined) renames.set(name, most[0]);
  }
  return renames;
}

/** Names that two or more old ones go by now. */
function joinedNames({ from }: Flows, nowOf: (before: string) => string): ReadonlySet<string> {
  const seen = new Set<string>();
  const joined = new Set<string>();
  for (const before of from.keys()) {
    const now = nowOf(before);
    if (seen.has(now)) joined.add(now);
    seen.add(now);
  }
  return joined;
}

function entry(map: Map<string, Set<string>>, server: string): Set<string> {
  const known = map.get(server) ?? new Set<string>();
  map.set(server, known);
  return known;
}

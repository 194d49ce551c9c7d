// One look at everything: manifests and disk become downloads, renames, removals, and what the report says.
import { nameKey } from '@headgate/protocol';
import type { Config } from '../config-schema.ts';
import type { DownloadQueue } from '../download/download-queue.ts';
import type { ItemWork } from '../download/get-item.ts';
import type { GroupFollower } from '../manifest/group-follower.ts';
import type { ItemBoard } from '../report/item-board.ts';
import type { LibraryKeeper } from './library-keeper.ts';
import type { NodeState } from './node-state.ts';
import type { ItemPlan, LibraryPlan } from './plan-library.ts';
import { type WantedFile, type WantedItem, wantedItem } from './wanted.ts';

export type ReconcileDeps = {
  readonly followers: readonly GroupFollower[];
  readonly select: Config['select'];
  readonly keeper: LibraryKeeper;
  /** Reads what is not known yet. Answers with the files that are something else. */
  readonly adopt: (plan: ItemPlan, signal: AbortSignal) => Promise<readonly WantedFile[]>;
  readonly queue: DownloadQueue;
  readonly board: ItemBoard;
  readonly state: NodeState;
  /** Leftovers of items whose key is not among these. */
  readonly tidy: (keys: ReadonlySet<string>) => Promise<void>;
  /** Paths that came without a download, or went. */
  readonly onChanged: (paths: readonly string[]) => void;
};
/** Resolves when all that lies there has been looked at; downloads go on. */
export type Reconcile = (signal: AbortSignal) => Promise<LibraryPlan>;

export function createReconcile(deps: ReconcileDeps): Reconcile {
  const { followers, keeper, adopt, queue, board, state, onChanged } = deps;
  return async (signal) => {
    const wanted = wantedItems(followers, deps.select);
    const versions = new Map(
      followers.flatMap((one) => [one.manifest()].flatMap((got) => (got === null ? [] : [[got.group, got.version] as const]))),
    );
    const { plan, changed } = await keeper.settle(wanted, versions);
    const sources = new Map(followers.map((one) => [one.manifest()?.group, one.source]));
    const workOf = (item: WantedItem, files: readonly WantedFile[]): readonly ItemWork[] => {
      const source = sources.get(item.group);
      return source === undefined || files.length === 0 ? [] : [{ item, files, source }];
    };
    tellBoard(board, plan, state);
    const works = new Map(plan.items.filter(({ look }) => look.length === 0).map((one) => [one.item, workOf(one.item, one.get)]));
    await queue.want([...works.values()].flat());
    const found: string[] = [...changed];
    for (const one of plan.items) {
      if (one.look.length === 0) continue;
      board.set(one.item, { state: 'verifying' });
      const bad = await adopt(one, signal);
      found.push(...one.look.filter((file) => !bad.includes(file)).map(({ path }) => path));
      const files = [...one.get, ...bad];
      works.set(one.item, workOf(one.item, files));
      const bytes = one.item.size;
      if (files.length === 0) board.set(one.item, { state: 'placed', bytesDone: bytes ?? 0, bytesTotal: bytes });
      else await queue.want([...works.values()].flat());
    }
    if (found.length > 0) onChanged(found);
    // A manifest that we do not have may want anything.
    if (followers.every((one) => one.manifest() !== null)) {
      // A kill between the last record of an item and the end of its staging leaves that behind.
      const placed = new Set([...works].flatMap(([{ key, skip }, todo]) => (skip === null && todo.length === 0 ? [key] : [])));
      await deps.tidy(new Set(wanted.map(({ key }) => key).filter((key) => !placed.has(key))));
    }
    return plan;
  };
}

/** Of all groups; where two share one place the first stands. */
export function wantedItems(followers: readonly GroupFollower[], select: Config['select']): readonly WantedItem[] {
  const owners = new Map<string, WantedItem>();
  return followers.flatMap((follower) => {
    const manifest = follower.manifest();
    return (manifest?.items ?? []).map((one) => {
      const item = wantedItem(manifest?.group ?? '', one, select);
      const other = item.files.map(({ path }) => owners.get(nameKey(path))).find((owner) => owner !== undefined);
      if (other !== undefined)
        return {
          ...item,
          skip: other.key === item.key ? `it comes with ${other.group}` : `${other.group} has something else at its place`,
        };
      if (item.skip === null) for (const { path } of item.files) owners.set(nameKey(path), item);
      return item;
    });
  });
}

function tellBoard(board: ItemBoard, { items }: LibraryPlan, state: NodeState): void {
  const leaving = state.placed().filter(({ leavingSinceMs }) => leavingSinceMs !== null);
  const gone = new Map(leaving.map((one) => [`${one.group}/${one.item}`, one]));
  board.keepOnly([...items.map(({ item }) => item), ...[...gone.values()].map(({ group, item }) => ({ group, path: item }))]);
  for (const { item, have, look, get } of items) {
    const bytesDone = have.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const isThere = look.length === 0 && get.length === 0 && (item.skip === null || have.length === item.files.length);
    const rest = { bytesTotal: item.size, problem: null, isMissed: false };
    if (isThere) board.set(item, { ...rest, state: 'placed', bytesDone: item.size ?? bytesDone });
    else if (item.skip !== null) board.set(item, { ...rest, state: 'skipped', bytesDone, problem: item.skip });
    else if (!isBusy(board, item)) board.set(item, { ...rest, state: 'waiting', bytesDone });
  }
  for (const { group, item, infoHash, size } of gone.values())
    board.set(
      { group, title: item.split('/').at(-1) ?? item, path: item, infoHash, size },
      { state: 'leaving', bytesDone: size, problem: null },
    );
}

/** What is under way, or failed a while ago, says so itself. */
const isBusy = (board: ItemBoard, { group, path }: WantedItem): boolean =>
  board
    .rows()
    .some(
      (row) =>
        row.group === group && row.path === path && ['downloading', 'verifying', 'failed', 'quarantined'].includes(row.state),
    );

// Pure: what is shared, what was placed and what lies on the disk become steps. Nothing that we did not place is ever taken away.
import type { PlacedFile } from './node-state.ts';
import type { WantedFile, WantedItem } from './wanted.ts';

export type OnDisk = { readonly size: number; readonly mtimeMs: number };
export type LibrarySnapshot = {
  readonly wanted: readonly WantedItem[];
  /** Groups whose manifest we have: only they can drop something. */
  readonly versions: ReadonlyMap<string, number | null>;
  readonly placed: readonly PlacedFile[];
  /** By path; of all that is wanted or was placed. */
  readonly disk: ReadonlyMap<string, OnDisk>;
  /** By group: the version whose removals a person has confirmed. */
  readonly confirmed: Readonly<Record<string, number>>;
  readonly nowMs: number;
  readonly graceMs: number;
};

/**
 * @property have verified, and nobody touched it since. @property look on the disk, but not known to be good: its sha256 tells. @property get is to be
 * downloaded.
 */
export type ItemPlan = {
  readonly item: WantedItem;
  readonly have: readonly WantedFile[];
  readonly look: readonly WantedFile[];
  readonly get: readonly WantedFile[];
};
export type Rename = { readonly from: PlacedFile; readonly to: WantedFile; readonly item: WantedItem };
export type LibraryPlan = {
  readonly items: readonly ItemPlan[];
  readonly renames: readonly Rename[];
  /** Not shared any more: the grace period begins. */
  readonly leave: readonly PlacedFile[];
  /** Records as they should be: shared again, or by another group or item. */
  readonly claim: readonly PlacedFile[];
  /** The grace period is over. */
  readonly trash: readonly PlacedFile[];
  /** Placed once, gone from the disk and not shared any more. */
  readonly forget: readonly PlacedFile[];
  /** So much was dropped that a person must say that it was meant. */
  readonly waiting: readonly {
    readonly group: string;
    readonly dropped: number;
    readonly of: number;
    readonly version: number | null;
  }[];
};

/** More of a group than this share, or all of it, is rather a mistake than a wish. */
const MOST_DROPPED = 0.2;

export function planLibrary(snapshot: LibrarySnapshot): LibraryPlan {
  const { wanted, placed, disk } = snapshot;
  const byPath = new Map(placed.map((one) => [one.path, one]));
  const wantedPaths = new Set(wanted.flatMap(({ files }) => files.map(({ path }) => path)));
  const free = placed.filter((one) => !wantedPaths.has(one.path));
  const renames: Rename[] = [];
  const renamed = new Set<string>();
  const renameOf = (file: WantedFile, item: WantedItem): boolean => {
    const from = free.find((one) => !renamed.has(one.path) && hasBytes(one, file) && isUntouched(one, disk.get(one.path)));
    if (from === undefined) return false;
    renamed.add(from.path);
    renames.push({ from, to: file, item });
    return true;
  };
  const items = wanted.map((item): ItemPlan => {
    const [have, look, get]: [WantedFile[], WantedFile[], WantedFile[]] = [[], [], []];
    for (const file of item.files) {
      const known = byPath.get(file.path);
      const found = disk.get(file.path);
      if (known !== undefined && isUntouched(known, found) && fits(known, file)) have.push(file);
      else if (item.skip !== null) continue;
      else if (found === undefined) {
        if (!renameOf(file, item)) get.push(file);
      } else if (file.sha256 !== null && (file.size === null || file.size === found.size) && !isKnownWrong(known, file, found))
        look.push(file);
      else get.push(file);
    }
    return { item, have, look, get };
  });
  const dropped = free.filter((one) => !renamed.has(one.path) && snapshot.versions.has(one.group));
  const claim = items.flatMap(({ item, have }) => have.flatMap(({ path }) => claimed(byPath.get(path), item)));
  return { items, renames, claim, ...removals(snapshot, dropped) };
}

function removals({ placed, disk, versions, confirmed, nowMs, graceMs }: LibrarySnapshot, dropped: readonly PlacedFile[]) {
  const waiting = [...versions].flatMap(([group, version]) => {
    const own = placed.filter((one) => one.group === group && one.leavingSinceMs === null);
    const lost = countItems(dropped.filter((one) => one.group === group && one.leavingSinceMs === null));
    const of = countItems(own);
    const isMeant = lost <= MOST_DROPPED * of || confirmed[group] === (version ?? 0);
    return lost === 0 || isMeant ? [] : [{ group, dropped: lost, of, version }];
  });
  const isHeld = ({ group, leavingSinceMs }: PlacedFile): boolean =>
    leavingSinceMs === null && waiting.some((one) => one.group === group);
  const gone = dropped.filter(({ path }) => !disk.has(path));
  const there = dropped.filter((one) => disk.has(one.path) && !isHeld(one));
  return {
    waiting,
    forget: gone,
    leave: there.filter(({ leavingSinceMs }) => leavingSinceMs === null && graceMs > 0),
    trash: there.filter(({ leavingSinceMs }) => graceMs === 0 || (leavingSinceMs !== null && nowMs - leavingSinceMs >= graceMs)),
  };
}

function claimed(known: PlacedFile | undefined, { group, path, skip }: WantedItem): readonly PlacedFile[] {
  if (known === undefined) return [];
  const isSame = known.leavingSinceMs === null && (skip !== null || (known.group === group && known.item === path));
  return isSame ? [] : [{ ...known, ...(skip === null ? { group, item: path } : {}), leavingSinceMs: null }];
}

const countItems = (files: readonly PlacedFile[]): number => new Set(files.map(({ item }) => item)).size;

/** While size and time of change stand, a verified file is not read again. */
const isUntouched = (known: PlacedFile, found: OnDisk | undefined): boolean =>
  found !== undefined && found.size === known.size && found.mtimeMs === known.mtimeMs;

/** What is placed is what is wanted; where the manifest has no sha256 the place alone says so. */
const fits = (known: PlacedFile, file: WantedFile): boolean =>
  file.sha256 === null ? file.size === null || file.size === known.size : file.sha256 === known.sha256;

const hasBytes = (known: PlacedFile, file: WantedFile): boolean => known.sha256 !== null && known.sha256 === file.sha256;

/** Our own older file, untouched: another sha256 is wanted, and reading it would only say so. */
const isKnownWrong = (known: PlacedFile | undefined, file: WantedFile, found: OnDisk): boolean =>
  known !== undefined && isUntouched(known, found) && known.sha256 !== null && known.sha256 !== file.sha256;

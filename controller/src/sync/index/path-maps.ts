// Pure: the paths of one file on several servers brought to one, and what lies below what.

/** Below `from`, the server named has what all of them name `to`. */
export type PathMap = { readonly server: string; readonly from: string; readonly to: string };

/** Forward slashes, as a server on Windows has none. */
export const slashed = (path: string): string => path.replaceAll('\\', '/');

/** Without slashes at its end; the root is empty then. */
export const folderOf = (path: string): string => slashed(path).replace(/\/+$/, '');

/** At borders of folders: "/tv2" is not below "/tv". @param folder as `folderOf` gives it @param path with forward slashes */
export const isBelow = (folder: string, path: string): boolean =>
  path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/');

/** The longest map that fits; a path that none fits stays, but for its slashes. */
export function mappedPath(server: string, path: string, maps: readonly PathMap[]): string {
  const plain = slashed(path);
  let best: { readonly from: string; readonly to: string } | null = null;
  for (const map of maps) {
    if (map.server !== server) continue;
    const from = folderOf(map.from);
    if (isBelow(from, plain) && (best === null || from.length > best.from.length)) best = { from, to: folderOf(map.to) };
  }
  return best === null ? plain : best.to + plain.slice(best.from.length);
}

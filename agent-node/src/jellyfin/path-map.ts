// Pure: a path of ours as the media server sees it, and the library that holds it.
import type { Config } from '../config-schema.ts';

type PathMap = NonNullable<Config['jellyfin']>['path_map'];
export type ServerLibrary = { readonly id: string; readonly name: string; readonly locations: readonly string[] };

/** The longest `from` counts. A Windows server has its own separator. */
export function serverPath(path: string, map: PathMap): string {
  const [rule] = map.filter(({ from }) => isBelow(path, from, '/')).sort((a, b) => b.from.length - a.from.length);
  if (rule === undefined) return path;
  const rest = path.slice(bare(rule.from, '/').length);
  const separator = rule.to.includes('\\') ? '\\' : '/';
  return bare(rule.to, separator) + rest.replaceAll('/', separator);
}

/** The innermost, where libraries lie in each other; undefined where none holds it. */
export function libraryOf(path: string, libraries: readonly ServerLibrary[]): ServerLibrary | undefined {
  const separator = path.includes('\\') ? '\\' : '/';
  const held = libraries.flatMap((library) =>
    library.locations.filter((at) => isBelow(path, at, separator)).map((at) => ({ library, length: at.length })),
  );
  return held.sort((a, b) => b.length - a.length)[0]?.library;
}

const bare = (folder: string, separator: string): string => (folder.endsWith(separator) ? folder.slice(0, -1) : folder);
const isBelow = (path: string, folder: string, separator: string): boolean =>
  path.startsWith(bare(folder, separator) + separator);

/** What a media server lists as an item of its own; subtitles and pictures belong to one. */
export const isMedia = (path: string): boolean =>
  /\.(mkv|mp4|m4v|avi|mov|ts|m2ts|webm|wmv|mpg|mpeg|flv|ogv|mp3|flac|m4a|m4b|ogg|opus|wav|aac|wma)$/i.test(path);

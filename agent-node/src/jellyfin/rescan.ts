// The media server looks at what came, once a batch: the library that holds it, then a look whether it is there, and everything at most once.
import { join } from 'node:path';
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import type { Config } from '../config-schema.ts';
import { AgentError, messageOf } from '../errors.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import { isMedia, libraryOf, type ServerLibrary, serverPath } from './path-map.ts';

export type RescanDeps = {
  readonly root: string;
  readonly client: JellyfinClient;
  readonly pathMap: NonNullable<Config['jellyfin']>['path_map'];
  /** Whether a path of the library is there: what went is not waited for. */
  readonly isThere: (path: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
};
export type Rescanner = {
  /** `paths` below the library. @throws AgentError; the sentence is `problem` as well */
  readonly rescan: (paths: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly state: () => { readonly had_it_after_s: number | null; readonly problem: string | null };
};

/** A look at one library shows a film after some 2 s; slower disks take longer. */
const LIBRARY_MS = 60_000;
const EVERYTHING_MS = 300_000;
const FIRST_LOOK_MS = 500;
const MOST_LOOK_MS = 10_000;
/** Not among the newest: dated years back by its file, perhaps. */
const WHOLE_AFTER_MS = 4_000;
/** So many of a batch are waited for; the others came by the same look. */
const MOST_AWAITED = 20;
const PAGE = 500;
const MOST_PAGES = 40;

export function createRescanner(deps: RescanDeps): Rescanner {
  const { client, clock, log } = deps;
  let hadItAfterS: number | null = null;
  let problem: string | null = null;
  const once = async (paths: readonly string[], signal: AbortSignal): Promise<void> => {
    const libraries = await client.libraries(signal);
    const { held, homeless } = await sortPaths(deps, paths, libraries);
    const sinceMs = clock.monotonic();
    for (const id of held.keys()) await client.refresh(id, signal);
    let missing = await waitFor(deps, held, LIBRARY_MS, signal);
    if (missing.size > 0) {
      log.info({ missing: [...missing.values()].flat().length }, 'the media server does not show it yet: it looks at everything');
      // The only one that sees the first file of a library whose folder was empty.
      await client.refreshAll(signal);
      missing = await waitFor(deps, missing, EVERYTHING_MS, signal);
    }
    const [first] = [...missing.values()].flat();
    if (first !== undefined) throw new AgentError('bad_answer', `Jellyfin does not show ${first}`);
    if ([...held.values()].flat().length > 0) {
      hadItAfterS = Math.round((clock.monotonic() - sinceMs) / 100) / 10;
      log.info({ after_s: hadItAfterS, libraries: held.size }, 'Jellyfin has it');
    }
    if (homeless !== undefined)
      throw new AgentError('bad_answer', `no library of Jellyfin holds ${homeless}: see jellyfin.path_map`);
  };
  return {
    state: () => ({ had_it_after_s: hadItAfterS, problem }),
    async rescan(paths, signal) {
      try {
        await once(paths, signal);
        problem = null;
      } catch (error) {
        if (!signal.aborted) problem = messageOf(error);
        throw error;
      }
    },
  };
}

/** By library: the paths that should be there after a look. */
type Awaited = ReadonlyMap<string, readonly string[]>;

async function sortPaths({ root, pathMap, isThere }: RescanDeps, paths: readonly string[], libraries: readonly ServerLibrary[]) {
  const held = new Map<string, string[]>();
  let homeless: string | undefined;
  let awaited = 0;
  for (const path of paths) {
    const seen = serverPath(join(root, path), pathMap);
    const library = libraryOf(seen, libraries);
    if (library === undefined) {
      homeless ??= seen;
      continue;
    }
    const list = held.get(library.id) ?? [];
    held.set(library.id, list);
    if (awaited >= MOST_AWAITED || !isMedia(path) || !(await isThere(path))) continue;
    list.push(seen);
    awaited += 1;
  }
  return { held, homeless };
}

/** What is still not there after so long. The last look goes through the whole library: a file may be dated years back. */
async function waitFor({ client, clock }: RescanDeps, awaited: Awaited, mostMs: number, signal: AbortSignal): Promise<Awaited> {
  const untilMs = clock.monotonic() + mostMs;
  let missing = new Map([...awaited].filter(([, paths]) => paths.length > 0));
  for (let waitMs = FIRST_LOOK_MS; missing.size > 0; waitMs = Math.min(MOST_LOOK_MS, waitMs * 2)) {
    await clock.sleep(waitMs, signal);
    const isLast = clock.monotonic() >= untilMs;
    const still = new Map<string, readonly string[]>();
    for (const [id, paths] of missing) {
      const absent = await absentFrom(
        (start) => client.paths(id, { start, count: PAGE }, signal),
        paths,
        isLast || waitMs >= WHOLE_AFTER_MS ? MOST_PAGES : 1,
      );
      if (absent.length > 0) still.set(id, absent);
    }
    missing = still;
    if (isLast) break;
  }
  return missing;
}

type ListPage = (start: number) => Promise<readonly string[]>;

async function absentFrom(list: ListPage, paths: readonly string[], pages: number): Promise<readonly string[]> {
  let absent = paths;
  for (let page = 0; page < pages && absent.length > 0; page += 1) {
    const found = new Set(await list(page * PAGE));
    absent = absent.filter((path) => !found.has(path));
    if (found.size === 0) break;
  }
  return absent;
}

// The four questions that a node asks Jellyfin 10.9 to 12.
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';
import { type AskHttp, hostOf } from '../http.ts';
import type { ServerLibrary } from './path-map.ts';

export type JellyfinClient = {
  readonly libraries: (signal: AbortSignal) => Promise<readonly ServerLibrary[]>;
  /** Looks at one library's folders. */
  readonly refresh: (libraryId: string, signal: AbortSignal) => Promise<void>;
  /** Looks at everything; answers when it has. */
  readonly refreshAll: (signal: AbortSignal) => Promise<void>;
  /** Paths of items of a library, newest first. */
  readonly paths: (
    libraryId: string,
    page: { readonly start: number; readonly count: number },
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
};

const MOST_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 30_000;
/** POST /Library/Refresh answers when the whole scan is over. */
const SCAN_DEADLINE_MS = 1_800_000;

const folders = z.array(
  z.object({ Name: z.nullish(z.string()), ItemId: z.nullish(z.string()), Locations: z.nullish(z.array(z.string())) }),
);
const items = z.object({ Items: z.array(z.object({ Path: z.nullish(z.string()) })) });

export function createJellyfinClient({ url, key }: { url: string; key: string }, http: AskHttp): JellyfinClient {
  const root = url.replace(/\/$/, '');
  const ask = async (method: 'GET' | 'POST', path: string, signal: AbortSignal, deadlineMs = DEADLINE_MS): Promise<Buffer> => {
    // Version 12 takes the key in this header only: X-Emby-Token and ?api_key= are 401.
    const headers = { authorization: `MediaBrowser Token="${key}"`, accept: 'application/json', 'content-length': '0' };
    const { status, body } = await http({ method, url: root + path, headers, mostBytes: MOST_BYTES, deadlineMs }, signal);
    if (status === 401 || status === 403)
      throw new AgentError('refused', `${hostOf(url)} refuses Jellyfin's key; it must be an API key of its dashboard`);
    if (status === 503) throw new AgentError('unreachable', `${hostOf(url)} is starting`);
    if (status !== 200 && status !== 204)
      throw new AgentError('bad_answer', `Jellyfin at ${hostOf(url)} answers ${status} to ${path.split('?')[0]}`);
    return body;
  };
  const read = <Schema extends z.ZodMiniType>(schema: Schema, body: Buffer): z.output<Schema> => {
    try {
      return z.parse(schema, JSON.parse(body.toString('utf8')));
    } catch (cause) {
      throw new AgentError('bad_answer', `${hostOf(url)} does not answer as Jellyfin does`, { cause });
    }
  };
  return {
    async libraries(signal) {
      const found = read(folders, await ask('GET', '/Library/VirtualFolders', signal));
      return found.flatMap(({ Name, ItemId, Locations }) =>
        ItemId ? [{ id: ItemId, name: Name ?? '', locations: Locations ?? [] }] : [],
      );
    },
    async refresh(id, signal) {
      const query = 'metadataRefreshMode=Default&imageRefreshMode=Default&recursive=true';
      await ask('POST', `/Items/${encodeURIComponent(id)}/Refresh?${query}`, signal);
    },
    refreshAll: async (signal) => void (await ask('POST', '/Library/Refresh', signal, SCAN_DEADLINE_MS)),
    async paths(id, { start, count }, signal) {
      const query = `parentId=${encodeURIComponent(id)}&recursive=true&fields=Path&sortBy=DateCreated&sortOrder=Descending&startIndex=${start}&limit=${count}`;
      return read(items, await ask('GET', `/Items?${query}`, signal)).Items.flatMap(({ Path }) => (Path ? [Path] : []));
    },
  };
}

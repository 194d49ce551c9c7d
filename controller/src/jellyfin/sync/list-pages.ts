// A list of a Jellyfin in pages, so that the largest library takes no more memory than one of them.
import { setImmediate as breathe } from 'node:timers/promises';
import type * as z from 'zod';
import { ControllerError } from '../../errors.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { listPage } from './sync-schemas.ts';
import type { Query } from './synced-item.ts';

/** Each page is a search and a sort of the whole library to the server, and a good megabyte of JSON to us. */
const PAGE = 2000;
/** Pages overlap by this much: paging is no snapshot, and what is deleted meanwhile moves the rest of the list forward. */
const OVERLAP = 100;
/** Entries that are looked at in one go: a page of them must not hold up whoever else waits. */
const SLICE = 200;
/** A server that never stops answering must come to an end. */
const MAX_PAGES = 2000;
/** A slow disk and a full page. */
const TIMEOUT_MS = 60_000;

type List = { readonly path?: string; readonly query: Query };

const idOf = (entry: unknown): unknown => (typeof entry === 'object' && entry !== null && 'Id' in entry ? entry.Id : undefined);

/**
 * Entries that fit the schema, in slices. Some come twice; none is left out, also where others are deleted while it is read.
 * @throws ControllerError as every call
 */
export async function* listPages<Schema extends z.ZodType>(
  http: Pick<JellyfinHttp, 'who' | 'ask'>,
  schema: Schema,
  { path = '/Items', query }: List,
  signal: AbortSignal,
): AsyncGenerator<readonly z.infer<Schema>[]> {
  let start = 0;
  let tail: ReadonlySet<unknown> | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const paging = { enableTotalRecordCount: false, startIndex: start, limit: PAGE };
    const { Items: entries } = await http.ask(listPage, { path, query: { ...query, ...paging }, timeoutMs: TIMEOUT_MS, signal });
    const known = tail;
    if (known !== null && !entries.some((entry) => known.has(idOf(entry)))) {
      // So much was deleted that this page may begin behind the end of the last one.
      start = Math.max(0, start - PAGE);
      tail = null;
      continue;
    }
    for (let from = 0; from < entries.length; from += SLICE) {
      yield entries.slice(from, from + SLICE).flatMap((entry) => {
        const parsed = schema.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      });
      await breathe();
    }
    if (entries.length < PAGE) return;
    tail = new Set(entries.slice(-OVERLAP).map(idOf));
    start += PAGE - OVERLAP;
  }
  throw new ControllerError('upstream_failed', `${http.who}: ${path} does not end after ${MAX_PAGES} pages`);
}

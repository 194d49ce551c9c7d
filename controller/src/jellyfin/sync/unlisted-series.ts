// Series that a list leaves out: of two folders of one show a user is shown one series, and the episodes of both.
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import type { SyncHttp } from './sync-http.ts';
import { itemAnswer, listPage } from './sync-schemas.ts';
import { type Query, syncedItem } from './synced-item.ts';

/** Ids stand in the URL, which servers and proxies take up to 8 kB of. */
const AT_ONCE = 100;
/** Of one library; whoever hides more than this from an administrator means it. */
const MOST = 5_000;

export type UnlistedSeries = {
  note(items: readonly SyncedItem[]): void;
  /** After the last of the list. @throws ControllerError as every call */
  read(http: Pick<SyncHttp, 'ask'>, query: Query, signal: AbortSignal): AsyncGenerator<readonly SyncedItem[]>;
};

/** An episode is known on other servers by the ids of its series, so that none may be missing. */
export function createUnlistedSeries(): UnlistedSeries {
  const listed = new Set<string>();
  const named = new Set<string>();
  return {
    note(items) {
      for (const { id, kind, series } of items) {
        if (kind === 'series') listed.add(id);
        else if (series !== null) named.add(series.id);
      }
    },
    async *read(http, query, signal) {
      let wanted = [...named].filter((id) => !listed.has(id)).slice(0, MOST);
      while (wanted.length > 0) {
        const lacking = new Set(wanted);
        for (let from = 0; from < wanted.length; from += AT_ONCE) {
          const ids = wanted.slice(from, from + AT_ONCE).join(',');
          const { Items: entries } = await http.ask(listPage, { path: '/Items', query: { ...query, ids }, signal });
          const items = entries.flatMap((entry) => {
            const { success, data } = itemAnswer.safeParse(entry);
            return success ? (syncedItem(data) ?? []) : [];
          });
          for (const { id } of items) lacking.delete(id);
          if (items.length > 0) yield items;
        }
        // Of three folders of one show, two were asked for at once, and one of them came.
        if (lacking.size === wanted.length) return;
        wanted = [...lacking];
      }
    },
  };
}

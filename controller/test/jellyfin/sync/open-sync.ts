// What the tests of the adapter's side of sync share: one server with all that sync asks of it.
import { type Clock, systemClock } from '../../../src/clock.ts';
import { authorizationHeader } from '../../../src/jellyfin/authorization.ts';
import { openJellyfinHttp } from '../../../src/jellyfin/jellyfin-http.ts';
import { type JellyfinSync, openJellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import type { ListUser } from '../../../src/neighbours/synced-playlists.ts';
import type { Target } from '../neighbours.ts';

export const NEVER = new AbortController().signal;

/** Not the name of a controller that may look after a real server meanwhile. */
export const HOOK_NAME = 'headgate-contract';

const device = { deviceId: 'headgate-sync-test', deviceName: 'test', clientName: 'Headgate', version: '1' };

export const openSync = (target: Target, clock: Clock = systemClock): JellyfinSync => {
  const authorization = authorizationHeader({ apiKey: target.apiKey, ...device });
  const http = openJellyfinHttp({ who: 'Jellyfin "main"', url: target.url, authorization, clock });
  const sync = openJellyfinSync({ name: 'main', http, address: { url: target.url }, device, hookName: HOOK_NAME, clock });
  return {
    ...sync,
    async [Symbol.asyncDispose]() {
      await sync[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
};

/** All pages in one. */
export const all = async <Entry>(pages: AsyncIterable<readonly Entry[]>): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for await (const page of pages) entries.push(...page);
  return entries;
};

export const listUser = (id: string, more: Partial<ListUser> = {}): ListUser => ({
  id,
  isAdministrator: false,
  token: null,
  ...more,
});

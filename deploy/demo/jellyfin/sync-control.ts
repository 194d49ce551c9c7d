// What a test asks and does about people, their states, hooks, and the library, without HTTP.

import type { HookSender } from './hook-sender.ts';
import { idOfPath, type LibraryItem } from './library.ts';
import { itemsFromSeeds, type LibrarySeed } from './library-seeds.ts';
import { scanLibrary } from './scan-library.ts';
import type { Parts } from './simulator-parts.ts';
import type { StoredPlaylist } from './stored-playlist.ts';
import type { Users } from './users.ts';
import type { Watched } from './watch-rules.ts';
import { readWebhookConfiguration, type WebhookConfiguration } from './webhook-configuration.ts';

export type HookControl = Pick<HookSender, 'disturb' | 'calm' | 'hold' | 'release' | 'settled' | 'sent' | 'forget'> & {
  /** Somebody's hand in the dashboard; what is left out takes the class default. Throws on what the server could not read. */
  configure(configuration: Readonly<Record<string, unknown>>): void;
  configuration(): WebhookConfiguration;
  /** One round of ItemAdded and ItemDeleted. */
  tick(): Promise<void>;
};

export type SyncControl = {
  /** People come and go as by the API: hooks, activity, and what goes with them. */
  readonly users: Users;
  readonly webhooks: HookControl;
  /** What is stored, past the API; throws where there is no such user or item. */
  watched(userName: string, itemId: string): Watched;
  /** As a plugin that imports: SaveReason Import. `lastPlayed` with seven decimals. */
  importWatched(userName: string, itemId: string, patch: Partial<Watched>): void;
  playlists(): readonly Readonly<StoredPlaylist>[];
  /** As a scan that found new files; what is there already is left alone. Answers with what is new. */
  addItems(seeds: readonly LibrarySeed[]): Promise<readonly LibraryItem[]>;
  /** A file's name without its ending: the item is another one then, with what users did. */
  renameFile(id: string, name: string): LibraryItem;
  removeItems(ids: readonly string[]): void;
  /** Scan Media Library, as by hand. */
  scan(): Promise<void>;
};

function hookControl({ webhooks, file }: Parts): HookControl {
  const { sender, items } = webhooks;
  return {
    ...sender,
    configure(given) {
      const configuration = readWebhookConfiguration(given);
      if (!configuration) throw new Error('webhook configuration: not what the plugin takes');
      file.state.webhook = configuration;
      file.save();
    },
    configuration: () => file.state.webhook,
    tick: items.tick,
  };
}

export function createSyncControl(parts: Parts, now: () => number): SyncControl {
  const { users, library, userData, people } = parts;
  const found = (userName: string, itemId: string) => {
    const [user, item] = [users.byName(userName), library.byId(itemId)];
    if (!user) throw new Error(`no user ${JSON.stringify(userName)}`);
    if (!item) throw new Error(`no item ${JSON.stringify(itemId)}`);
    return { userId: user.id, item };
  };
  return {
    users: {
      ...users,
      add(name, password, patch) {
        const { user, told } = people.add(name, password, patch);
        void told;
        return user;
      },
      remove(id) {
        const user = users.byId(id);
        if (user) void people.remove(user);
      },
      rename: (user, name) => void people.rename(user, name),
    },
    webhooks: hookControl(parts),
    watched(userName, itemId) {
      const { userId, item } = found(userName, itemId);
      return userData.watched(userId, item);
    },
    importWatched(userName, itemId, patch) {
      const { userId, item } = found(userName, itemId);
      userData.update(userId, item, patch, 'Import');
    },
    playlists: parts.playlists.all,
    async addItems(seeds) {
      const { folders, items, real } = itemsFromSeeds(seeds, now());
      const added = library.add(items, folders);
      const isNew = new Set(added.map(({ id }) => id));
      await scanLibrary(library, new Map([...real].filter(([id]) => isNew.has(id))));
      return added.map((item) => library.byId(item.id) ?? item);
    },
    renameFile(id, name) {
      const item = library.byId(id);
      if (!item?.source) throw new Error(`no file of item ${JSON.stringify(id)}`);
      const path = item.path.replace(/[^/]*(\.[^./]+)$/, (_all, ending: string) => `${name}${ending}`);
      const renamed = { ...item, id: idOfPath(path), path };
      parts.watched.move(item, renamed);
      library.replace(id, renamed);
      return renamed;
    },
    removeItems: (ids) => library.remove(...ids),
    scan: parts.liveTv.tasks.scan,
  };
}

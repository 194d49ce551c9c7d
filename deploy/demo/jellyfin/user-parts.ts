// The parts that keep what people do: their states, lists, activity, and the hooks and messages that tell of it.
import { createActivityLog } from './activity-log.ts';
import { createExactClock, type ExactClock } from './exact-time.ts';
import { allowedTo } from './item-query.ts';
import type { Library, LibraryItem } from './library.ts';
import { createLibraryMessages } from './library-messages.ts';
import { folderOf } from './open-library.ts';
import { createPeople } from './people.ts';
import { createPlaylists, type Playlists } from './playlists.ts';
import type { ResolvedOptions } from './simulator-options.ts';
import type { Sockets } from './sockets.ts';
import type { StateFile } from './state-file.ts';
import { createUserData, type Saved, type UserData } from './user-data.ts';
import { createUserDataMessages, type UserDataMessages } from './user-data-messages.ts';
import { type StoredUser, type Users, userDto } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';
import { createWebhookPlugin } from './webhook-plugin.ts';

/** Recorded: 0.5 s after the last save. */
const userDataDelayMs = 500;

export type UserPartsNeed = {
  readonly options: ResolvedOptions;
  readonly behaviour: JellyfinBehaviour;
  readonly file: StateFile;
  readonly users: Users;
  readonly sockets: Sockets;
  readonly library: Library;
  readonly server: { readonly id: string; readonly name: string; readonly version: string };
};

/** Who sees what of the library, and who is told of its changes. */
function watchOver({ options, users, sockets, library }: UserPartsNeed) {
  const visibleTo = (user: StoredUser) => allowedTo(user.policy, (item) => folderOf(library, item));
  const libraryMessages = createLibraryMessages({
    users: users.list,
    visibleTo,
    folderOf: (item) => folderOf(library, item),
    toUser: sockets.toUser,
    delayMs: options.libraryUpdateMs,
  });
  return { visibleTo, libraryMessages };
}

/** States of items, and the messages that tell users of them. */
function keepUserData(
  { behaviour, sockets, library }: UserPartsNeed,
  watched: WatchedStore,
  to: { readonly exactNow: ExactClock; readonly saved: (saved: Saved) => void },
) {
  const userData: UserData = createUserData({
    store: watched,
    library,
    exactNow: to.exactNow,
    unmarksRewatch: behaviour.unmarksRewatch,
    showsLatestVersion: behaviour.showsLatestVersion,
    saved(saved) {
      messages.saved(saved);
      to.saved(saved);
    },
  });
  const messages: UserDataMessages = createUserDataMessages({
    library,
    dto: userData.dto,
    toUser: sockets.toUser,
    delayMs: userDataDelayMs,
  });
  return { userData, messages };
}

export function createUserParts(need: UserPartsNeed) {
  const { options, behaviour, file, users, sockets, library, server } = need;
  const exactNow = createExactClock(options.now);
  const { visibleTo, libraryMessages } = watchOver(need);
  const maySee = (user: StoredUser, item: LibraryItem) => visibleTo(user)(item);
  const activity = createActivityLog({ journal: file.activity, exactNow });
  const watched = openWatchedStore({ journal: file.watched, library, sharesByKey: behaviour.sharesWatchedByKey });
  const webhooks = createWebhookPlugin({
    stored: file.state,
    changed: file.save,
    installed: options.webhookPlugin,
    server,
    library,
    userById: users.byId,
    exactNow,
    tickMs: options.webhookTickMs,
  });
  const { userData, messages } = keepUserData(need, watched, { exactNow, saved: webhooks.saved });
  const kept = { stored: file.state.playlists, changed: file.save };
  const playlists: Playlists = createPlaylists({ ...kept, library, users, userData, maySee, serverId: server.id, behaviour });
  const people = createPeople({
    users,
    playlists,
    watched,
    activity,
    webhooks,
    userDto: (user) => userDto(user, server.id),
    toAdministrators: sockets.toAdministrators,
  });
  return {
    activity,
    watched,
    webhooks,
    userData,
    playlists,
    people,
    maySee,
    /** From now on changes of the library are told; those of the first scan are not. */
    watchLibrary: () =>
      library.onChange((change) => {
        libraryMessages.changed(change);
        webhooks.items.changed(change);
      }),
    /** What is only in memory is lost. */
    wentDown() {
      messages.end();
      libraryMessages.end();
      webhooks.items.forget();
      webhooks.sender.drop();
    },
    end() {
      messages.end();
      libraryMessages.end();
      webhooks.items.end();
      webhooks.sender.drop();
    },
  };
}

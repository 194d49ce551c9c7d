// The webhook plugin v21: hears what happens, and tells each destination that wants to know (facts/jellyfin.md §7, §11).
import { json, noContent, refusals } from './answer.ts';
import type { ExactClock } from './exact-time.ts';
import { createHookItems, type HookItems } from './hook-items.ts';
import { createHookSender, type HookSender } from './hook-sender.ts';
import { emptyId, idOf, parseId } from './identity.ts';
import { mediaStreams } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import type { Exchange, Route } from './route-table.ts';
import type { Saved } from './user-data.ts';
import type { StoredUser } from './users.ts';
import {
  passesFilter,
  passesSwitches,
  readWebhookConfiguration,
  type WebhookConfiguration,
  webhookPlugin,
  webhookPluginId,
} from './webhook-configuration.ts';
import { hookBody } from './webhook-format.ts';
import {
  baseData,
  type HookData,
  type HookPlayback,
  type HookSession,
  hookClass,
  itemData,
  playbackData,
  savedData,
  sessionData,
  userData,
} from './webhook-payloads.ts';

export type WebhookPlugin = {
  readonly routes: readonly Route[];
  readonly sender: HookSender;
  readonly items: HookItems;
  /** Whether anybody wants to hear of that. */
  wants(type: string): boolean;
  /** As `async void`: nobody waits for it, and of two quick ones the second may come first. */
  saved(saved: Saved): void;
  /** The call that caused it waits until every destination has answered. */
  playback(type: PlaybackType, item: LibraryItem, playback: HookPlayback, session: HookSession): Promise<void>;
  user(type: 'UserCreated' | 'UserUpdated' | 'UserDeleted', user: StoredUser): Promise<void>;
  session(type: 'SessionStart', session: HookSession): Promise<void>;
  loggedIn(user: StoredUser, session: HookSession): Promise<void>;
  loginFailed(name: string, app: HookSession, version: string): Promise<void>;
};

export type PlaybackType = 'PlaybackStart' | 'PlaybackProgress' | 'PlaybackStop';

export type WebhookPluginNeed = {
  /** Kept on disk. */
  readonly stored: { webhook: WebhookConfiguration };
  readonly changed: () => void;
  readonly installed: boolean;
  readonly server: { readonly id: string; readonly name: string; readonly version: string };
  readonly library: Library;
  readonly userById: (id: string) => StoredUser | null;
  readonly exactNow: ExactClock;
  /** As `createHookItems` takes it. */
  readonly tickMs: number | null;
};

type Send = (type: string, itemClass: string | null, make: (data: HookData) => HookData) => Promise<void>;

const exact = (at: number | null) => (at === null ? null : new Date(at).toISOString().replace('Z', '0000Z'));

/** One after the other, as the plugin does; a destination's Fields stay in the data for those behind it. */
function createSend(need: WebhookPluginNeed, sender: HookSender): Send {
  return async (type, itemClass, make) => {
    const { ServerUrl: url, GenericOptions: all } = need.stored.webhook;
    const options = need.installed ? all.filter(({ NotificationTypes: types }) => types.includes(type)) : [];
    if (options.length === 0) return;
    const data = make(baseData({ ...need.server, url }, type));
    const about = data['UserId'];
    const userId = about !== null && typeof about === 'object' && 'guid' in about ? about.guid : null;
    for (const option of options) {
      if (!option.EnableWebhook || !passesSwitches(option, itemClass) || !passesFilter(option, userId)) continue;
      for (const { Key: key, Value: value } of option.Fields) if (key !== '' && value !== '') data[key] = value;
      const body = hookBody(option, data);
      if (body !== null) await sender.post(type, option, body);
    }
  };
}

export function createWebhookPlugin(need: WebhookPluginNeed): WebhookPlugin {
  const { library, exactNow } = need;
  const sender = createHookSender(need.server.version);
  const send = createSend(need, sender);
  const about = (item: LibraryItem, streams = mediaStreams(item)) =>
    itemData(
      { item, series: library.byId(item.series?.id ?? (item.type === 'Season' ? item.parentId : null)), streams },
      exactNow(),
    );
  const users = (user: StoredUser) =>
    userData(
      { id: user.id, name: user.name, lastLogin: exact(user.lastLoginAt), lastActivity: exact(user.lastActivityAt) },
      exactNow(),
    );
  const items = createHookItems({
    library,
    tickMs: need.tickMs,
    send: (type, item) =>
      send(type, hookClass(item), (data) => ({ ...data, ...about(item, type === 'ItemDeleted' ? [] : undefined) })),
  });
  return {
    routes: pluginRoutes(need),
    sender,
    items,
    wants: (type) => need.installed && need.stored.webhook.GenericOptions.some((one) => one.NotificationTypes.includes(type)),
    saved({ userId, item, watched, reason }) {
      const user = need.userById(userId);
      if (!user) return;
      void send('UserDataSaved', hookClass(item), (data) => ({ ...data, ...about(item), ...savedData(watched, reason, user) }));
    },
    playback: (type, item, playback, session) =>
      send(type, hookClass(item), (data) => ({ ...data, ...about(item), ...playbackData(playback, session) })),
    user: (type, user) => send(type, null, (data) => ({ ...data, ...users(user) })),
    session: (type, session) => send(type, null, (data) => ({ ...data, ...sessionData(session) })),
    loggedIn: (user, session) =>
      send('AuthenticationSuccess', null, (data) => ({
        ...data,
        ...users(user),
        ...Object.fromEntries(Object.entries(sessionData(session)).filter(([key]) => key !== 'LastActivityDate')),
      })),
    loginFailed: (name, app, version) =>
      send('AuthenticationFailure', null, (data) => ({
        ...data,
        App: app.client,
        Username: name,
        UserId: { guid: emptyId },
        AppVersion: version,
        DeviceId: app.deviceId,
        DeviceName: app.device,
        RemoteEndPoint: app.address,
        NotificationUsername: name,
        ClientName: app.client,
      })),
  };
}

/** Administrators and keys; 404 for a plugin that is not there. */
function pluginRoutes({ installed, server, stored, changed }: WebhookPluginNeed): Route[] {
  const own = (exchange: Exchange) => {
    if (!installed || parseId(exchange.params['id']) !== webhookPluginId) throw refusals.notFound();
  };
  const bundled = {
    Name: 'TMDb',
    Version: `${server.version}.0`,
    Description: 'Get metadata for movies.',
    Id: idOf('TMDb'),
    CanUninstall: false,
    HasImage: true,
    Status: 'Active',
  };
  return [
    { method: 'GET', path: '/Plugins', access: 'admin', handle: () => json([bundled, ...(installed ? [webhookPlugin] : [])]) },
    {
      method: 'GET',
      path: '/Plugins/{id}/Configuration',
      access: 'admin',
      handle(exchange) {
        own(exchange);
        return json(stored.webhook);
      },
    },
    {
      method: 'POST',
      path: '/Plugins/{id}/Configuration',
      access: 'admin',
      handle(exchange) {
        own(exchange);
        const configuration = readWebhookConfiguration(exchange.body);
        if (!configuration) throw refusals.processing(500);
        stored.webhook = configuration;
        changed();
        return noContent;
      },
    },
  ];
}

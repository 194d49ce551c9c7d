// Pure: the webhook plugin's configuration: the whole of it replaces, what is left out takes the class default (facts/jellyfin.md §7).
import { parseId } from './identity.ts';

export type HookPair = { readonly Key: string; readonly Value: string };

export type GenericOption = {
  readonly NotificationTypes: readonly string[];
  readonly WebhookName?: string;
  readonly WebhookUri?: string;
  readonly EnableMovies: boolean;
  readonly EnableEpisodes: boolean;
  readonly EnableSeries: boolean;
  readonly EnableSeasons: boolean;
  readonly EnableAlbums: boolean;
  readonly EnableSongs: boolean;
  readonly EnableVideos: boolean;
  readonly SendAllProperties: boolean;
  readonly TrimWhitespace: boolean;
  readonly SkipEmptyMessageBody: boolean;
  readonly EnableWebhook: boolean;
  /** Base64. */
  readonly Template: string;
  /** Ids without dashes. */
  readonly UserFilter: readonly string[];
  readonly Headers: readonly HookPair[];
  readonly Fields: readonly HookPair[];
};

export type WebhookConfiguration = { readonly ServerUrl: string; readonly GenericOptions: readonly GenericOption[] } & Readonly<
  Record<string, unknown>
>;

/** Destinations that are kept and never sent to. */
const otherDestinations = [
  'DiscordOptions',
  'GenericFormOptions',
  'GotifyOptions',
  'PushbulletOptions',
  'PushoverOptions',
  'SlackOptions',
  'SmtpOptions',
  'MqttOptions',
] as const;

const types: ReadonlySet<string> = new Set(
  `None ItemAdded Generic PlaybackStart PlaybackProgress PlaybackStop SubtitleDownloadFailure AuthenticationFailure AuthenticationSuccess
  SessionStart PendingRestart TaskCompleted PluginInstallationCancelled PluginInstallationFailed PluginInstalled PluginInstalling
  PluginUninstalled PluginUpdated UserCreated UserDeleted UserLockedOut UserPasswordChanged UserUpdated UserDataSaved ItemDeleted`.split(
    /\s+/,
  ),
);

type Given = Readonly<Record<string, unknown>>;

/** What the server's parser cannot take. */
const unreadable = new Error('unreadable');

const asObject = (value: unknown): Given => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unreadable;
  return value as Given;
};
const asList = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unreadable;
  return value;
};
const asText = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw unreadable;
  return value;
};
const asFlag = (value: unknown, fallback: boolean): boolean => {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw unreadable;
  return value;
};
const asId = (value: unknown): string => {
  const id = parseId(asText(value));
  if (id === null) throw unreadable;
  return id;
};
const asType = (value: unknown): string => {
  const name = asText(value);
  if (!types.has(name)) throw unreadable;
  return name;
};
const asPairs = (value: unknown): HookPair[] =>
  asList(value).map((entry) => ({ Key: asText(asObject(entry)['Key']), Value: asText(asObject(entry)['Value']) }));

function readOption(value: unknown): GenericOption {
  const given = asObject(value);
  const [name, uri] = [asText(given['WebhookName']), asText(given['WebhookUri'])];
  return {
    NotificationTypes: asList(given['NotificationTypes']).map(asType),
    ...(name === '' ? {} : { WebhookName: name }),
    ...(uri === '' ? {} : { WebhookUri: uri }),
    EnableMovies: asFlag(given['EnableMovies'], false),
    EnableEpisodes: asFlag(given['EnableEpisodes'], false),
    EnableSeries: asFlag(given['EnableSeries'], false),
    EnableSeasons: asFlag(given['EnableSeasons'], false),
    EnableAlbums: asFlag(given['EnableAlbums'], false),
    EnableSongs: asFlag(given['EnableSongs'], false),
    EnableVideos: asFlag(given['EnableVideos'], false),
    SendAllProperties: asFlag(given['SendAllProperties'], false),
    TrimWhitespace: asFlag(given['TrimWhitespace'], false),
    SkipEmptyMessageBody: asFlag(given['SkipEmptyMessageBody'], false),
    EnableWebhook: asFlag(given['EnableWebhook'], true),
    Template: asText(given['Template']),
    UserFilter: asList(given['UserFilter']).map(asId),
    Headers: asPairs(given['Headers']),
    Fields: asPairs(given['Fields']),
  };
}

/** Null where the server's parser gives up: a value of the wrong kind, an unknown notification type. Names count in their own letter case. */
export function readWebhookConfiguration(body: unknown): WebhookConfiguration | null {
  try {
    const given = asObject(body);
    const rest = Object.fromEntries(otherDestinations.map((name) => [name, asList(given[name])]));
    return { ServerUrl: asText(given['ServerUrl']), ...rest, GenericOptions: asList(given['GenericOptions']).map(readOption) };
  } catch (error) {
    if (error === unreadable) return null;
    throw error;
  }
}

export const emptyWebhookConfiguration = (): WebhookConfiguration => ({
  ServerUrl: '',
  ...Object.fromEntries(otherDestinations.map((name) => [name, []])),
  GenericOptions: [],
});

export const webhookPluginId = '71552a5a5c5c4350a2aeebe451a30173';

/** As GET /Plugins lists it. */
export const webhookPlugin = {
  Name: 'Webhook',
  Version: '21.0.0.0',
  ConfigurationFileName: 'Jellyfin.Plugin.Webhook.xml',
  Description: 'Sends notifications to various services via webhooks.',
  Id: webhookPluginId,
  CanUninstall: true,
  HasImage: true,
  Status: 'Active',
} as const;

/** Whether a destination hears of a user: not set, everything; set, it also drops what is said of new and removed users and failed log-ins. */
export const passesFilter = (option: GenericOption, userId: string | null): boolean =>
  option.UserFilter.length === 0 || userId === null || option.UserFilter.includes(userId);

/** By exact class; what has no switch of its own is never sent. Null is an event without an item. */
export function passesSwitches(option: GenericOption, itemClass: string | null): boolean {
  const on: Readonly<Record<string, boolean>> = {
    Movie: option.EnableMovies,
    Episode: option.EnableEpisodes,
    Series: option.EnableSeries,
    Season: option.EnableSeasons,
    MusicAlbum: option.EnableAlbums,
    Audio: option.EnableSongs,
    Video: option.EnableVideos,
  };
  return itemClass === null || on[itemClass] === true;
}

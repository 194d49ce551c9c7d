// Pure: our entries in the configuration of the webhook plugin, beside those of others (facts/jellyfin.md §7, §11).
import * as z from 'zod';
import type { HookTarget } from '../../neighbours/synced-hints.ts';

/** Looked at by its name, and kept whole: the rest is somebody's, or a newer plugin's. */
const option = z.looseObject({ WebhookName: z.string().nullish() });
export type WebhookOption = z.infer<typeof option>;

/** GET /Plugins/{id}/Configuration. Kept whole, since it is written back whole. */
export const pluginConfiguration = z.looseObject({ GenericOptions: z.array(option).nullish() });
export type PluginConfiguration = z.infer<typeof pluginConfiguration>;

/**
 * Which types each of ours sends. None of them makes a player wait for us: UserDataSaved is sent beside the save, while each Playback type
 * holds up the player, and a log-in, for as long as we do not answer. Users stand apart, since a filter of users on an entry would hide them.
 */
const ENTRIES = [
  { suffix: '', types: ['UserDataSaved'] },
  { suffix: ' users', types: ['UserCreated', 'UserDeleted'] },
] as const;

const KINDS = ['EnableMovies', 'EnableEpisodes', 'EnableSeries', 'EnableSeasons', 'EnableAlbums', 'EnableSongs', 'EnableVideos'];

const namesOf = (name: string): readonly string[] => ENTRIES.map(({ suffix }) => name + suffix);

/** Every field that the plugin knows: one that is left out would keep what somebody made of it. */
const wantedOptions = (name: string, { url, header }: HookTarget): readonly WebhookOption[] =>
  ENTRIES.map(({ suffix, types }) => ({
    NotificationTypes: types,
    WebhookName: name + suffix,
    WebhookUri: url,
    ...Object.fromEntries(KINDS.map((kind) => [kind, true])),
    SendAllProperties: true,
    TrimWhitespace: false,
    SkipEmptyMessageBody: false,
    EnableWebhook: true,
    Template: '',
    UserFilter: [],
    Headers: [{ Key: header.name, Value: header.value }],
    Fields: [],
  }));

/** JSON as a text that does not depend on the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** What older plugins do not know, and leave out, is as if it had these values. */
const SPARE = new Set(['TrimWhitespace', 'SkipEmptyMessageBody', 'EnableWebhook', 'Template', 'UserFilter', 'Fields']);

const isLike = (standing: WebhookOption | undefined, wanted: WebhookOption): boolean =>
  standing !== undefined &&
  Object.entries(wanted).every(([key, value]) =>
    (standing[key] ?? null) === null ? SPARE.has(key) : canonical(standing[key]) === canonical(value),
  );

/** Null where ours stand as they must: each once. Else the configuration with them, in the place of the first of that name. */
export const withOurs = (configuration: PluginConfiguration, name: string, target: HookTarget): PluginConfiguration | null => {
  const standing = configuration.GenericOptions ?? [];
  const wanted = wantedOptions(name, target);
  const ofName = (one: WebhookOption) => standing.filter(({ WebhookName: other }) => other === one.WebhookName);
  if (wanted.every((one) => ofName(one).length === 1 && isLike(ofName(one)[0], one))) return null;
  const names = namesOf(name);
  const options = standing.flatMap((one, index) => {
    if (!names.includes(one.WebhookName ?? '')) return [one];
    const isFirst = standing.findIndex(({ WebhookName: other }) => other === one.WebhookName) === index;
    const ours = wanted.find(({ WebhookName: other }) => other === one.WebhookName);
    return isFirst && ours !== undefined ? [{ ...one, ...ours }] : [];
  });
  const added = wanted.filter((one) => ofName(one).length === 0);
  return { ...configuration, GenericOptions: [...options, ...added] };
};

/** Null where none of ours stands. */
export const withoutOurs = (configuration: PluginConfiguration, name: string): PluginConfiguration | null => {
  const standing = configuration.GenericOptions ?? [];
  const options = standing.filter(({ WebhookName: other }) => !namesOf(name).includes(other ?? ''));
  return options.length === standing.length ? null : { ...configuration, GenericOptions: options };
};

// Pure: what one hook of Jellyfin's webhook plugin says, in our own words. Nothing is guessed: what a hook does not state is not said.
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import { type HookFields, hookFields } from './hook-fields.ts';
import { readLooseJson } from './loose-json.ts';
import { type ItemKind, toldBy } from './said-by-hook.ts';

const OF_USERS = ['UserCreated', 'UserUpdated', 'UserDeleted'] as const;
const OF_ITEMS = ['UserDataSaved', 'PlaybackStart', 'PlaybackProgress', 'PlaybackStop', 'ItemAdded', 'ItemDeleted'] as const;

export type Report = {
  /** `other`: of no use here, or of a later plugin. */
  readonly type: (typeof OF_USERS)[number] | (typeof OF_ITEMS)[number] | 'other';
  /** As the hook calls it. */
  readonly typeTold: string;
  /** By the server's clock; null where the hook does not say (users, many templates). */
  readonly serverUtcMs: number | null;
  /** The same in 100 ns since 1970: hooks of one server may arrive in another order than they were made. */
  readonly utcTicks: bigint | null;
  /** 32 hex digits. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** 32 hex digits. */
  readonly itemId: string | null;
  /** `other`: a kind that is not kept the same; null: not told. */
  readonly itemKind: ItemKind | null;
  readonly itemName: string | null;
  /** The plugin never tells it, a template may. */
  readonly itemPath: string | null;
  /** The item's own, by the provider's name in small letters; a series' are not in an episode's hook. */
  readonly providerIds: Readonly<Record<string, string>>;
  readonly series: {
    readonly id: string | null;
    readonly seasonId: string | null;
    readonly name: string | null;
    readonly season: number | null;
    readonly episode: number | null;
  } | null;
  /** Why it was saved: PlaybackStart, PlaybackProgress, PlaybackFinished, TogglePlayed, UpdateUserRating, UpdateUserData, Import; null where not told. */
  readonly saveReason: string | null;
  /** Made up each second by the server itself while a player is silent. */
  readonly isAutomated: boolean;
  /** What the item has by this hook; fields that it does not tell are missing. */
  readonly has: WatchChange;
  /** Fields of `has` that are nobody's wish: unwatched, because somebody watches again. */
  readonly unmeant: readonly WatchField[];
  /** `has` without those. */
  readonly said: WatchChange;
};

/** `kept`: the hook as JSON without what nobody reads; reading it again gives the same report. */
export type ReadHook = { readonly ok: { readonly report: Report; readonly kept: string } } | { readonly problem: string };

/** The body of a hook, whatever its content type. `problem` says what is wrong, for whoever wrote the template. */
export function readHook(body: string): ReadHook {
  const text = body.replace(/^\uFEFF/, '').trim();
  if (text === '') return { problem: 'the body is empty' };
  const json = readLooseJson(text);
  if ('problem' in json) return { problem: `the body is not JSON: ${json.problem}` };
  // JSON in a text is what some relays make of it.
  const content = typeof json.ok === 'string' ? readLooseJson(json.ok) : json;
  const all = 'ok' in content ? content.ok : null;
  if (typeof all !== 'object' || all === null || Array.isArray(all)) return { problem: 'the body is not a JSON object' };
  const hook = onlyRead(all as Readonly<Record<string, unknown>>);
  const read = reportOf(hook);
  return 'problem' in read ? read : { ok: { report: read.ok, kept: JSON.stringify(hook) } };
}

function reportOf(hook: Readonly<Record<string, unknown>>): { readonly ok: Report } | { readonly problem: string } {
  const isWhole = ['ServerId', 'ServerVersion', 'ServerUrl'].every((name) => typeof hook[name] === 'string');
  const fields = hookFields(hook, isWhole);
  const typeTold = fields.text('NotificationType');
  if (typeTold === null)
    return { problem: 'NotificationType is missing: tick "Send All Properties" in the plugin, or put it into the template' };
  const ofItem = OF_ITEMS.find((one) => one === typeTold);
  const itemId = fields.id('ItemId');
  if (ofItem !== undefined && itemId === null)
    return { problem: `ItemId ${fields.text('ItemId') === null ? 'is missing' : 'is not an id of 32 hex digits'}` };
  const at = fields.moment('UtcTimestamp');
  const report: Omit<Report, 'said' | 'has' | 'unmeant'> = {
    type: ofItem ?? OF_USERS.find((one) => one === typeTold) ?? 'other',
    typeTold,
    serverUtcMs: at?.ms ?? null,
    utcTicks: at?.ticks ?? null,
    userId: fields.id('UserId'),
    userName: fields.text('NotificationUsername', 'Username'),
    itemId,
    itemKind: kindOf(fields),
    itemName: fields.text('Name'),
    itemPath: fields.text('Path'),
    providerIds: fields.startingWith('Provider_'),
    series: seriesOf(fields),
    saveReason: fields.text('SaveReason'),
    isAutomated: fields.flag('IsAutomated') === true,
  };
  const { has, unmeant } = toldBy({ ...report, fields, isWhole });
  const meant = Object.entries(has).filter(([field]) => !unmeant.some((one) => one === field));
  return { ok: { ...report, has, unmeant, said: Object.fromEntries(meant) } };
}

const KINDS: Readonly<Record<string, SyncedItem['kind']>> = {
  Movie: 'movie',
  Series: 'series',
  Season: 'season',
  Episode: 'episode',
  Video: 'video',
  MusicVideo: 'music-video',
  Audio: 'audio',
};

function kindOf(fields: HookFields): ItemKind | null {
  const told = fields.text('ItemType');
  if (told === null) return null;
  return (Object.hasOwn(KINDS, told) ? KINDS[told] : undefined) ?? 'other';
}

function seriesOf(fields: HookFields): Report['series'] {
  const [id, name] = [fields.id('SeriesId'), fields.text('SeriesName')];
  if (id === null && name === null) return null;
  return {
    id,
    seasonId: fields.id('SeasonId'),
    name,
    season: fields.number('SeasonNumber', 'SeasonNumber00', 'SeasonNumber000'),
    episode: fields.number('EpisodeNumber', 'EpisodeNumber00', 'EpisodeNumber000'),
  };
}

const READ: ReadonlySet<string> = new Set([
  ...['serverid', 'serverversion', 'serverurl', 'notificationtype', 'utctimestamp'],
  ...['userid', 'notificationusername', 'username', 'itemid', 'itemtype', 'name', 'path'],
  ...['seriesid', 'seriesname', 'seasonid', 'seasonnumber', 'seasonnumber00', 'seasonnumber000'],
  ...['episodenumber', 'episodenumber00', 'episodenumber000', 'savereason', 'isautomated', 'runtimeticks', 'runtime'],
  ...['playbackposition', 'playbackpositionticks', 'playedtocompletion', 'played', 'playcount', 'lastplayeddate'],
  ...['favorite', 'isfavorite', 'likes', 'rating'],
]);
const STREAMS = /^(?:Video|Audio|Subtitle)_/;

/** Media streams are nine tenths of a hook, and constant fields may hold somebody's secret. */
function onlyRead(hook: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(hook)) {
    if (STREAMS.test(name)) continue;
    const known = name.toLowerCase();
    if (READ.has(known) || known.startsWith('provider_')) kept[name] = hook[name];
  }
  return kept;
}

/** Why a hook need not be kept; null where it says something. As `reason` in the answer. */
export function uselessBecause(report: Report): string | null {
  const { type, has } = report;
  const hasUser = report.userId !== null || report.userName !== null;
  if (type === 'other') return `${report.typeTold.slice(0, 60)} says nothing that is kept the same`;
  if (type === 'ItemAdded' || type === 'ItemDeleted') return null;
  if (type === 'UserCreated' || type === 'UserUpdated' || type === 'UserDeleted') return hasUser ? null : 'missing user info';
  if (!hasUser) return 'no username';
  if (report.isAutomated) return 'the server made it up; the player said nothing';
  return Object.keys(has).length > 0 || type === 'UserDataSaved' ? null : 'nothing is said about the item';
}

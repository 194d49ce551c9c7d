// Pure: channels and programmes as XMLTV that Jellyfin, Plex and tv_validate_file read (facts/channels.md §4.4). Where a picture's address begins is left open.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { Channel } from '../channel.ts';
import type { GuideProgramme } from './guide-programmes.ts';
import { xmlText } from './xml-text.ts';

export const XMLTV_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<tv generator-info-name="Headgate">\n';
export const XMLTV_FOOT = '</tv>\n';

/** Of a channel in the guide and, as tvg-id, in the playlist: by its id, which is never used again. Not a number: Jellyfin would take it for the channel's. */
export const guideId = ({ id }: Pick<Channel, 'id'>): string => `channel-${id}.headgate`;

/** @param logo absolute URL or null. */
export const channelXml = (channel: Channel, logo: string | null): string =>
  `<channel id="${guideId(channel)}"><display-name>${xmlText(channel.name) || `Channel ${xmlText(channel.number)}`}</display-name>` +
  `<display-name>${xmlText(channel.number)}</display-name>${logo === null ? '' : `<icon src="${xmlText(logo)}"/>`}</channel>\n`;

export type ProgrammeFacts = {
  readonly channel: Pick<Channel, 'id' | 'name' | 'number' | 'description'>;
  readonly item: CatalogueItem | null;
  /** When it was last on this channel, within the last 30 days; null where it was not. */
  readonly lastAiredMs: number | null;
};

/** One text, or two with the root of our own addresses to go between them (it differs by consumer). */
export type OpenXml = readonly [string] | readonly [string, string];

/** Elements in the DTD's order. */
export function programmeXml({ startMs, endMs, entry }: GuideProgramme, { channel, item, lastAiredMs }: ProgrammeFacts): OpenXml {
  const start = `<programme start="${xmltvTime(startMs)}" stop="${xmltvTime(endMs)}" channel="${guideId(channel)}">`;
  const end = '</programme>\n';
  const ownName = xmlText(channel.name) || `Channel ${xmlText(channel.number)}`;
  if (entry === null) {
    const about = xmlText(cut(channel.description ?? ''));
    return [`${start}<title>${ownName}</title>${about === '' ? '' : `<desc>${about}</desc>`}${end}`];
  }
  const isEpisode = item?.kind === 'episode' || entry.seriesTitle !== null;
  const title = xmlText(entry.seriesTitle ?? item?.series?.title ?? '') || xmlText(entry.title) || ownName;
  const subTitle = isEpisode ? xmlText(entry.title) : '';
  const first =
    `${start}<title>${title}</title>${element('sub-title', subTitle === title ? '' : subTitle)}` +
    `${element('desc', xmlText(cut(item?.overview ?? '')))}${element('date', year(item?.year ?? null))}` +
    categories(item, isEpisode, entry.genres).join('');
  const last =
    `${episodeNumbers(entry, isEpisode)}${lastAiredMs === null ? '' : `<previously-shown start="${xmltvTime(lastAiredMs)}"/>`}` +
    `${ratings(item)}${end}`;
  if (item === null || item.image === null) return [first + last];
  return [`${first}<icon src="`, `${imagePath(item, item.image.tag)}"/>${last}`];
}

/** Below a consumer's root. What is escaped for a URL needs no more in XML. */
const imagePath = ({ server, id }: CatalogueItem, tag: string): string =>
  `/image/${urlPart(server)}/${urlPart(id)}/${urlPart(tag)}`;
const urlPart = (text: string): string => encodeURIComponent(text.toWellFormed());

/** `20260101200000 +0000`: the one form that Jellyfin reads everywhere, and in UTC no hour is there twice. */
export function xmltvTime(ms: number): string {
  const at = new Date(ms);
  const date = (at.getUTCFullYear() * 100 + at.getUTCMonth() + 1) * 100 + at.getUTCDate();
  const time = (at.getUTCHours() * 100 + at.getUTCMinutes()) * 100 + at.getUTCSeconds();
  return `${date * 1_000_000 + time} +0000`;
}

const element = (name: string, text: string): string => (text === '' ? '' : `<${name}>${text}</${name}>`);
const year = (value: number | null): string => (value !== null && value >= 1000 && value <= 9999 ? String(value) : '');

/** A guide line, not a book; cut between characters. */
const MAX_OVERVIEW = 1_500;
const cut = (text: string): string =>
  text.length <= MAX_OVERVIEW ? text : `${text.slice(0, MAX_OVERVIEW - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/**
 * What Jellyfin's own lists (in force where the guide was not registered by us) would misfile: a documentary as news, a family film as
 * children's, an episode of genre "Movie" as a film, which loses its episode number.
 */
const MISFILED: Readonly<Record<string, string>> = { documentary: 'Documentaries', family: 'Family viewing' };

function categories(item: CatalogueItem | null, isEpisode: boolean, genres: readonly string[]): readonly string[] {
  const kind = isEpisode ? ['series'] : item?.kind === 'movie' ? ['movie'] : [];
  const named = (item === null || item.genres.length === 0 ? genres : item.genres)
    .filter((genre) => genre.toLowerCase() !== 'movie' && genre.toLowerCase() !== 'series')
    .map((genre) => MISFILED[genre.trim().toLowerCase()] ?? genre);
  return [...new Set([...kind, ...named])].map((category) => element('category', xmlText(category)));
}

type Numbered = {
  readonly season: number | null;
  readonly episode: number | null;
  readonly item: { readonly server: string; readonly id: string } | null;
};

/** `SxxExx` is the system that Jellyfin reads for season 0 too; without dd_progid it takes shows with the same episode number for one. */
function episodeNumbers({ season, episode, item }: Numbered, isEpisode: boolean): string {
  const number = (system: string, value: string): string => `<episode-num system="${system}">${value}</episode-num>`;
  const id = item === null ? '' : number('dd_progid', xmlText(itemKey(item)));
  if (!isEpisode || episode === null || episode < 0) return id;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (season === null || season < 0) return (episode > 0 ? number('xmltv_ns', ` . ${episode - 1} . `) : '') + id;
  // Counted from zero, so season 0 has no form there.
  const zeroBased = season > 0 && episode > 0 ? number('xmltv_ns', `${season - 1} . ${episode - 1} . `) : '';
  return `${zeroBased}${number('SxxExx', `S${two(season)}E${two(episode)}`)}${id}`;
}

function ratings(item: CatalogueItem | null): string {
  const rating = xmlText(item?.rating ?? '');
  const stars = item?.communityRating ?? null;
  return (
    (rating === '' ? '' : `<rating><value>${rating}</value></rating>`) +
    (stars === null || stars <= 0 ? '' : `<star-rating><value>${Math.min(10, stars).toFixed(1)}/10</value></star-rating>`)
  );
}

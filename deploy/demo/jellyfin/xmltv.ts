// A guide as Jellyfin's XMLTV reader reads it (facts/channels.md §4.4). Pure.
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type GuideChannel = {
  readonly id: string;
  readonly name: string | null;
  /** A display-name that is a number. */
  readonly number: string | null;
  readonly imageUrl: string | null;
};

export type GuideEntry = {
  readonly channelId: string;
  /** UTC ms. What cannot be read is the year 1, so outside every window. */
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string | null;
  readonly subtitle: string | null;
  readonly description: string | null;
  readonly categories: readonly string[];
  readonly year: number | null;
  readonly season: number | null;
  readonly episode: number | null;
  /** dd_progid. */
  readonly programId: string | null;
  readonly imageUrl: string | null;
  readonly rating: string | null;
  readonly stars: number | null;
  readonly previouslyShown: boolean;
  readonly isNew: boolean;
  readonly premiere: boolean;
  readonly live: boolean;
};

export type Guide = { readonly channels: readonly GuideChannel[]; readonly entries: readonly GuideEntry[] };

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name, _path, _leaf, isAttribute) => !isAttribute && name !== 'tv' && name !== '?xml',
});

const nodes = (parent: Node, name: string): readonly (Node | string)[] => {
  const found = parent[name];
  return Array.isArray(found) ? (found as (Node | string)[]) : [];
};
const text = (node: Node | string | undefined): string | null => {
  const value = typeof node === 'string' ? node : node?.['#text'];
  return typeof value === 'string' && value !== '' ? value : null;
};
const attribute = (node: Node | string | undefined, name: string): string | null => {
  const value = typeof node === 'object' ? node[`@${name}`] : undefined;
  return typeof value === 'string' ? value : null;
};

/** The one in the preferred language, else the first. */
function inLanguage(parent: Node, name: string, language: string | null): string | null {
  const all = nodes(parent, name);
  const wanted =
    language === null ? undefined : all.find((node) => attribute(node, 'lang')?.toLowerCase() === language.toLowerCase());
  return text(wanted ?? all[0]);
}

const yearOneMs = Date.parse('0001-01-01T00:00:00Z');

/** `YYYYMMDDhhmmss ±hhmm`, with exactly four digits of offset; `Z` and zone names are not read, and no offset is UTC. */
export function guideTime(written: string | null): number {
  const parts = /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\s([+-]?)(\d{2})(\d{2}))?$/.exec(written?.trim() ?? '');
  if (!parts) return yearOneMs;
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part, index) => Number(part ?? (index === 1 || index === 2 ? 1 : 0)));
  const at = Date.UTC(year ?? 1, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
  const offsetMs = (Number(parts[8] ?? 0) * 60 + Number(parts[9] ?? 0)) * 60_000;
  return parts[7] === '-' ? at + offsetMs : at - offsetMs;
}

/** `xmltv_ns` counts from 0 and may have spaces and totals; `SxxExx` from 1; dd_progid is kept; `onscreen` and others say nothing. */
function episodeFacts(programme: Node): { season: number | null; episode: number | null; programId: string | null } {
  const facts: { season: number | null; episode: number | null; programId: string | null } = {
    season: null,
    episode: null,
    programId: null,
  };
  for (const node of nodes(programme, 'episode-num')) {
    const system = attribute(node, 'system')?.toLowerCase();
    const value = text(node)?.trim() ?? '';
    if (system === 'dd_progid') facts.programId = value || null;
    if (system === 'xmltv_ns') {
      const [season, episode] = value.split('.').map((part) => part.replace(/\s/g, '').split('/')[0] ?? '');
      if (/^\d+$/.test(season ?? '')) facts.season = Number(season) + 1;
      if (/^\d+$/.test(episode ?? '')) facts.episode = Number(episode) + 1;
    }
    const both = system === 'sxxexx' ? /^S(\d+)E(\d+)$/i.exec(value) : null;
    if (both) [facts.season, facts.episode] = [Number(both[1]), Number(both[2])];
  }
  return facts;
}

function readEntry(programme: Node, language: string | null): GuideEntry {
  const rating = nodes(programme, 'rating')[0];
  const stars = nodes(programme, 'star-rating')[0];
  const [above, below] = (typeof stars === 'object' ? text(nodes(stars, 'value')[0]) : null)?.split('/').map(Number) ?? [];
  const year = /^\d{4}/.exec(text(nodes(programme, 'date')[0]) ?? '')?.[0];
  const flag = (name: string) => nodes(programme, name).length > 0;
  return {
    channelId: attribute(programme, 'channel') ?? '',
    startMs: guideTime(attribute(programme, 'start')),
    endMs: guideTime(attribute(programme, 'stop')),
    title: inLanguage(programme, 'title', language),
    subtitle: inLanguage(programme, 'sub-title', language),
    description: inLanguage(programme, 'desc', language),
    categories: nodes(programme, 'category').flatMap((node) => text(node) ?? []),
    year: year === undefined ? null : Number(year),
    ...episodeFacts(programme),
    imageUrl:
      nodes(programme, 'icon')
        .map((node) => attribute(node, 'src'))
        .find((src) => src !== null) ?? null,
    rating: typeof rating === 'object' ? text(nodes(rating, 'value')[0]) : null,
    stars: above !== undefined && Number.isFinite(above) ? (above / (below || 10)) * 10 : null,
    previouslyShown: flag('previously-shown'),
    isNew: flag('new'),
    premiere: flag('premiere'),
    live: flag('live'),
  };
}

/** Throws on what is not well-formed; a document that is something else is an empty guide. */
export function parseGuide(xml: string, language: string | null): Guide {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(`guide: ${valid.err.msg}, line ${valid.err.line}`);
  const root = (parser.parse(xml) as Node)['tv'];
  if (root === null || typeof root !== 'object') return { channels: [], entries: [] };
  const channels = nodes(root as Node, 'channel').flatMap((node): GuideChannel[] => {
    if (typeof node === 'string') return [];
    const names = nodes(node, 'display-name').flatMap((name) => text(name) ?? []);
    const id = attribute(node, 'id');
    if (id === null || id === '') return [];
    const number = [...names, id].find((name) => /^\d+([.-]\d+)?$/.test(name)) ?? null;
    return [{ id, name: names[0] ?? null, number, imageUrl: attribute(nodes(node, 'icon')[0], 'src') }];
  });
  const entries = nodes(root as Node, 'programme').flatMap((node) =>
    typeof node === 'string' ? [] : [readEntry(node, language)],
  );
  return { channels, entries };
}

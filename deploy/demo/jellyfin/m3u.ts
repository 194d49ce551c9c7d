// A tuner's playlist as Jellyfin's M3uParser reads it, with all that it loses (facts/channels.md §4.1). Pure.
import { guidOf } from './identity.ts';

export type TunerChannel = {
  /** `m3u_` and the MD5s of the tuner's and the stream's URL: another URL is another channel. */
  readonly id: string;
  readonly name: string | null;
  readonly number: string | null;
  readonly imageUrl: string | null;
  readonly group: string | null;
  /** tvg-id, else channel-id. */
  readonly tunerChannelId: string | null;
  /** The stream's URL. */
  readonly path: string;
  readonly tunerId: string;
};

/** double.TryParse with NumberStyles.Any and the invariant culture, as far as names and numbers can meet it. */
function isNumber(text: string): boolean {
  const plain = text
    .trim()
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^¤|¤$/g, '');
  return /^[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?[+-]?$/i.test(plain) || /^[+-]?(nan|infinity|∞)$/i.test(plain);
}

const isChannelNumber = (text: string | null | undefined): text is string =>
  text !== null && text !== undefined && text.trim() !== '' && !['0', '-1'].includes(text) && isNumber(text);

function nameIn(rest: string): string | null {
  const parts = rest.split(',').filter((part) => part !== '');
  return parts.length > 1 ? (parts.at(-1)?.trim() ?? null) : null;
}

const trimmed = (text: string, characters: RegExp) =>
  text.replace(new RegExp(`^${characters.source}+|${characters.source}+$`, 'g'), '');

/** `84. VOX` and `84.0 - VOX` as SAT>IP writes them: the number, and what is left. */
function leadingNumber(name: string): { readonly number: string; readonly rest: string } | null {
  const space = name.indexOf(' ');
  if (space <= 0) return null;
  const number = trimmed(name.slice(0, space), /[ .]/);
  return isNumber(number) ? { number, rest: trimmed(name.slice(space + 1), /[ -]/) } : null;
}

type Attributes = ReadonlyMap<string, string>;

function channelName(rest: string, attributes: Attributes): string | null {
  const written = nameIn(rest) ?? '';
  const name = leadingNumber(written)?.rest ?? written;
  const chosen = [name, attributes.get('tvg-name'), attributes.get('tvg-id')].find(
    (text) => text !== undefined && text.trim() !== '',
  );
  return chosen ?? null;
}

function channelNumber(rest: string, attributes: Attributes, url: string): string | null {
  const given = ['tvg-chno', 'tvg-id', 'channel-id'].map((key) => attributes.get(key)).find(isChannelNumber);
  if (given !== undefined) return given.trim();
  const leading = leadingNumber(nameIn(rest) ?? '')?.number;
  if (isChannelNumber(leading)) return leading.trim();
  const file = (url.split('/').at(-1) ?? '').replace(/\.[^.]*$/, '');
  return isChannelNumber(file) ? file : null;
}

function parseInformation(line: string): { readonly attributes: Attributes; readonly rest: string } {
  const attributes = new Map<string, string>();
  let rest = line;
  // A value is not empty and holds no quote; nothing is escaped.
  for (const match of line.matchAll(/([a-z0-9\-_]+)="([^"]+)"/gi)) {
    const [whole, key = '', value = ''] = match;
    attributes.set(key.toLowerCase(), value);
    rest = rest.replaceAll(whole, '');
  }
  return { attributes, rest };
}

/** `strictUrls`: from 10.11.7 on other entries than absolute URLs of these kinds are skipped. */
export function parsePlaylist(
  text: string,
  tuner: { readonly id: string; readonly url: string },
  strictUrls: boolean,
): readonly TunerChannel[] {
  const channels: TunerChannel[] = [];
  let information = '';
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === '' || line.toUpperCase().startsWith('#EXTM3U')) continue;
    if (line.toUpperCase().startsWith('#EXTINF:')) {
      information = line.slice(8).trim();
      continue;
    }
    if (information === '' || line.startsWith('#')) continue;
    const { attributes, rest } = parseInformation(information);
    information = '';
    if (strictUrls && !/^(https?|rtsp|rtp|udp):\/\/[^/]/i.test(line)) continue;
    channels.push({
      id: `m3u_${guidOf(tuner.url)}${guidOf(line)}`,
      name: channelName(rest, attributes),
      number: channelNumber(rest, attributes, line),
      imageUrl: attributes.get('tvg-logo') ?? attributes.get('logo') ?? null,
      group: attributes.get('group-title') ?? null,
      tunerChannelId: attributes.get('tvg-id') ?? attributes.get('channel-id') ?? null,
      path: line,
      tunerId: tuner.id,
    });
  }
  return channels;
}

// Pure: the M3U playlist, so that Jellyfin's parser reads every name back (facts/channels.md §4.1, facts/jellyfin.md §6).
import type { Channel } from '../channel.ts';
import { plainLine } from './xml-text.ts';
import { guideId } from './xmltv.ts';

/** Addresses of one consumer. */
export type ChannelAddresses = {
  readonly stream: (channel: Channel) => string;
  /** The guide, for players that look for it here; Jellyfin does not. */
  readonly guide: string;
  /** Null for no logo. */
  readonly logo: (channel: Channel) => string | null;
};

/** @param channels all; those switched off are left out, the rest goes by number. */
export const playlistM3u = (channels: readonly Channel[], addresses: ChannelAddresses): string =>
  [
    `#EXTM3U x-tvg-url="${attributeText(addresses.guide)}"\n`,
    ...onAir(channels).map((channel) => entry(channel, addresses)),
  ].join('');

/** Switched on, by number: 2 before 10, 100.2 before 100.10. */
export const onAir = (channels: readonly Channel[]): readonly Channel[] =>
  channels.filter(({ enabled }) => enabled).sort((a, b) => compareNumbers(a.number, b.number) || a.id - b.id);

/**
 * The form has no escapes. Jellyfin's parser looks for `key="value"` all over the line, takes what follows the last comma for the name and a
 * number before the name's first space off it. So what a name cannot hold is replaced by what looks the same:
 * - `"` by U+201D, else the name could end an attribute or be one
 * - `,` by U+201A, else only what follows it would be left
 * - the space after a leading number ("90 Day", "5. Street", "Infinity Train") by a no-break space
 * Line breaks and control characters become spaces or go. `tvg-name` keeps commas and plain spaces, for players that read it.
 */
function entry(channel: Channel, { stream, logo }: ChannelAddresses): string {
  const name = plainLine(channel.name) || `Channel ${channel.number}`;
  const attributes = [
    ['tvg-id', guideId(channel)],
    ['tvg-chno', channel.number],
    ['tvg-name', name],
    ['tvg-logo', logo(channel) ?? ''],
    ['group-title', channel.group ?? ''],
  ] as const;
  const shown = attributes
    .map(([key, value]) => [key, attributeText(value)] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ` ${key}="${value}"`);
  return `#EXTINF:-1${shown.join('')},${displayName(name)}\n${stream(channel)}\n`;
}

const attributeText = (text: string): string => plainLine(text).replaceAll('"', '\u201d');

/** A name as it can stand after the comma. */
export function displayName(name: string): string {
  const safe = attributeText(name).replaceAll(',', '\u201a');
  const space = safe.indexOf(' ');
  return space > 0 && looksLikeNumber(safe.slice(0, space))
    ? `${safe.slice(0, space)}\u00a0${safe.slice(space).trimStart()}`
    : safe;
}

/** What .NET's double.TryParse takes, and a little more: a no-break space does no harm. Dots around it are taken off before. */
const looksLikeNumber = (word: string): boolean =>
  /^[+-]?(\d[\d.]*(e[+-]?\d+)?|infinity|nan|∞)$/i.test(word.replace(/^\.+|\.+$/g, '')) || /^[\d.,+-]*\d[\d.,+-]*$/.test(word);

/** By parts as numbers; what is no number goes last, as text. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const order = compareParts(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  const [one, other] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (one && other) return Number(a) - Number(b);
  if (one !== other) return one ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

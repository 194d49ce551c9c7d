// Pure: where a viewer is, asked twice: whose traffic uses the uplink, and whom the media server itself takes for remote.

import type { MediaServerRules, SaidPlace } from '../neighbours/media-server.ts';
import { type Address, type AddressRange, formatAddress, inAny, parseAddress, parseRange, parseRanges } from './address-range.ts';

/** What the home knows of its addresses. `home` includes the router's own WAN addresses and delegated prefixes. */
export type HomeRanges = {
  readonly home: readonly AddressRange[];
  readonly vpn: readonly AddressRange[];
  /** In test mode only these count as outside, whatever else they are. */
  readonly testExternal: readonly AddressRange[] | null;
};

export type ViewerLocation = {
  /** `unknown`: the server gave no address that can be read; it is not counted. */
  readonly place: 'home' | 'vpn' | 'remote' | 'unknown';
  readonly usesUplink: boolean;
  /** The media server applies its limits to this viewer. */
  readonly capped: boolean;
  /** What to change at the server where the two disagree; null where they agree. */
  readonly hint: string | null;
};

/** `said` is the server's own word, where it gives one (Plex does, Jellyfin does not). */
export type Locator = (address: string | null, said?: SaidPlace | null) => ViewerLocation;

/** For many viewers at once: each address and the server's rules are read once. */
export function createLocator(ranges: HomeRanges, rules: MediaServerRules | null): Locator {
  const isLocal = rules === null ? null : localToServer(rules);
  const known = new Map<string, ViewerLocation>();
  const locate = (address: string): ViewerLocation => {
    const parsed = parseAddress(address);
    if (parsed === null) return NOWHERE;
    const place = placeOf(parsed, ranges);
    const usesUplink = place !== 'home';
    const capped = isLocal === null ? usesUplink : !isLocal(parsed);
    return { place, usesUplink, capped, hint: isLocal === null ? null : hintFor(parsed, { usesUplink, capped }) };
  };
  return (address, said) => {
    if (said) return locateSaid(address, said, ranges);
    if (address === null) return NOWHERE;
    const location = known.get(address) ?? locate(address);
    known.set(address, location);
    return location;
  };
}

/**
 * An address that the home knows wins over the server's word; any other address says less than the server does.
 * A relay ends on the server's own machine, so behind it no address says anything.
 */
function locateSaid(address: string | null, said: SaidPlace, ranges: HomeRanges): ViewerLocation {
  const parsed = address === null ? null : parseAddress(address);
  const saidRemote = said !== 'local';
  const place = said === 'relayed' ? 'remote' : placeSaid(parsed, saidRemote, ranges);
  const usesUplink = place !== 'home';
  return { place, usesUplink, capped: saidRemote, hint: parsed === null ? null : lanHint(parsed, usesUplink, saidRemote) };
}

function placeSaid(address: Address | null, saidRemote: boolean, ranges: HomeRanges): 'home' | 'vpn' | 'remote' {
  const said = saidRemote ? 'remote' : 'home';
  if (address === null) return said;
  if (ranges.testExternal !== null || inAny(address, ranges.vpn)) return placeOf(address, ranges);
  // A tunnel or a reverse proxy on the server's machine hides where the viewer is; the server may know from its headers.
  if (inAny(address, LOOPBACK)) return said;
  return inAny(address, ranges.home) ? 'home' : said;
}

/** Plex decides by its "LAN Networks". */
function lanHint(address: Address, usesUplink: boolean, saidRemote: boolean): string | null {
  if (usesUplink === saidRemote) return null;
  const text = formatAddress(address);
  return usesUplink
    ? `The media server takes ${text} for local although it comes by the uplink; take its range out of LAN Networks`
    : `The media server takes ${text} for remote although it is at home; add its range to LAN Networks (or, if this is a reverse proxy, to network.vpn_ranges of Headgate)`;
}

const NOWHERE: ViewerLocation = { place: 'unknown', usesUplink: false, capped: false, hint: null };

export const locateViewer = (address: string | null, ranges: HomeRanges, rules: MediaServerRules | null): ViewerLocation =>
  createLocator(ranges, rules)(address);

function placeOf(address: Address, ranges: HomeRanges): 'home' | 'vpn' | 'remote' {
  if (ranges.testExternal !== null) return inAny(address, ranges.testExternal) ? 'remote' : 'home';
  if (inAny(address, ranges.vpn)) return 'vpn';
  // A loopback address is this machine's, whatever was configured.
  return inAny(address, LOOPBACK) || inAny(address, ranges.home) ? 'home' : 'remote';
}

const LOOPBACK = parseRanges(['127.0.0.0/8', '::1/128']);
// Jellyfin's own defaults for an empty LocalNetworkSubnets (NetworkManager, 10.9 to 12): the IPv6 ones only with EnableIPv6.
const DEFAULT_V4 = parseRanges(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);
const DEFAULT_V6 = parseRanges(['::1/128', 'fe80::/10', 'fc00::/7']);

/** Jellyfin's rule: in the LAN list and not in its `!` entries; loopback always. Interface addresses are not consulted. */
function localToServer(rules: MediaServerRules): (address: Address) => boolean {
  const excluded = parseRanges(rules.localSubnets.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1)));
  const named = rules.localSubnets.filter((entry) => !entry.startsWith('!') && parseRange(entry) !== null);
  const lan = named.length > 0 ? parseRanges(named) : [...DEFAULT_V4, ...(rules.enableIPv6 ? DEFAULT_V6 : [])];
  return (address) => inAny(address, LOOPBACK) || (inAny(address, lan) && !inAny(address, excluded));
}

type Disagreement = { readonly usesUplink: boolean; readonly capped: boolean };

function hintFor(address: Address, { usesUplink, capped }: Disagreement): string | null {
  if (usesUplink === capped) return null;
  const text = formatAddress(address);
  const entry = `${text}/${address.family === 4 ? 32 : 128}`;
  return usesUplink
    ? `The media server takes ${text} for local and applies no limit; add "!${entry}" to LocalNetworkSubnets (or the proxy to KnownProxies if this is one)`
    : `The media server takes ${text} for remote although it is at home; add "${entry}" to LocalNetworkSubnets`;
}

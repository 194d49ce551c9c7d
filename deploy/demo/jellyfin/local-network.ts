// Whom Jellyfin takes for local, and which address it believes (facts/jellyfin.md §5). Pure.

export type NetworkConfiguration = {
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly EnableRemoteAccess: boolean;
  readonly LocalNetworkSubnets: readonly string[];
  readonly KnownProxies: readonly string[];
  readonly RemoteIPFilter: readonly string[];
  readonly IsRemoteIPFilterBlacklist: boolean;
};

type Address = { readonly bits: 32 | 128; readonly value: bigint };

function parseIPv4(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

function parseIPv6(text: string): Address | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted?.[2] === undefined ? null : parseIPv4(dotted[2]);
  if (dotted && !tail) return null;
  const plain =
    tail && dotted?.[1] ? `${dotted[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}` : text;
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

/** IPv4-mapped IPv6 is unmapped, as Jellyfin does it; brackets, zones and ports are cut. Null where it is no address. */
function parseAddress(text: string): Address | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/%.*$/, '');
  const v4 = parseIPv4(bare.replace(/^([\d.]+):\d+$/, '$1'));
  if (v4) return v4;
  const v6 = parseIPv6(bare);
  if (v6 && v6.value >> 32n === 0xffffn) return { bits: 32, value: v6.value & 0xffff_ffffn };
  return v6;
}

/** The address without brackets, zone, port and IPv4 mapping: as RemoteEndPoint shows it. */
export function bareAddress(text: string): string {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}

function contains(subnet: string, address: Address): boolean {
  const [network = '', length] = subnet.split('/');
  const parsed = parseAddress(network);
  if (!parsed || parsed.bits !== address.bits) return false;
  const kept = BigInt(length === undefined ? parsed.bits : Number(length));
  const shift = BigInt(parsed.bits) - kept;
  return parsed.value >> shift === address.value >> shift;
}

const privateIPv4 = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const privateIPv6 = ['::1/128', 'fe80::/10', 'fc00::/7'];

/** §5, points 2 to 4: interfaces and the server's own subnet are not consulted, so Tailscale and public IPv6 of the house are remote. */
export function isLocalAddress(text: string, network: NetworkConfiguration): boolean {
  const address = parseAddress(text);
  if (!address) return false;
  if (contains('127.0.0.0/8', address) || contains('::1/128', address)) return true;
  const listed = network.LocalNetworkSubnets.filter((entry) => !entry.startsWith('!'));
  const excluded = network.LocalNetworkSubnets.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1));
  const defaults = [...(network.EnableIPv4 ? privateIPv4 : []), ...(network.EnableIPv6 ? privateIPv6 : [])];
  const lan = listed.length > 0 ? listed : defaults;
  return lan.some((subnet) => contains(subnet, address)) && !excluded.some((subnet) => contains(subnet, address));
}

/** The caller's address: the TCP peer, or what a known proxy forwards; hop by hop from the right, no limit of hops. */
export function callerAddress(
  peer: string,
  forwardedFor: string | undefined,
  network: NetworkConfiguration,
  believesAnyProxy: boolean,
): string {
  const hops = (forwardedFor ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => parseAddress(hop) !== null);
  const anyone = believesAnyProxy && network.KnownProxies.length === 0;
  let address = bareAddress(peer);
  for (const hop of hops.reverse()) {
    const parsed = parseAddress(address);
    if (!anyone && !(parsed && network.KnownProxies.some((proxy) => contains(proxy, parsed)))) break;
    address = bareAddress(hop);
  }
  return address;
}

/** Point 5: false means that Jellyfin refuses this caller with 503, whatever it asks for. */
export function mayCallFrom(text: string, network: NetworkConfiguration): boolean {
  if (isLocalAddress(text, network)) return true;
  if (!network.EnableRemoteAccess) return false;
  if (network.RemoteIPFilter.length === 0) return true;
  const address = parseAddress(text);
  const listed = address !== null && network.RemoteIPFilter.some((subnet) => contains(subnet, address));
  return network.IsRemoteIPFilterBlacklist ? !listed : listed;
}

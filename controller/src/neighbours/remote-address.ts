// From what a media server says of a viewer's address to a bare IP address. Pure.

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

const unmapped = (address: string): string => {
  const match = MAPPED.exec(address);
  if (!match) return address;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

/** The canonical text of an IPv6 address (RFC 5952, as URL hosts are written); null where it is none. */
const canonicalIPv6 = (text: string): string | null => {
  const bare = text.split('%', 1)[0] ?? '';
  if (!/^[0-9a-fA-F:.]+$/.test(bare) || !bare.includes(':')) return null;
  const host = URL.parse(`http://[${bare}]/`)?.hostname;
  return host === undefined ? null : unmapped(host.slice(1, -1));
};

/**
 * Servers say a bare address; proxies and older versions are known to leave a port, brackets, an IPv4-mapped form or a zone id.
 * @returns IPv4 dotted or IPv6 in canonical text; null for a host name, nonsense or nothing
 */
export const remoteAddress = (endPoint: string | null | undefined): string | null => {
  const text = endPoint?.trim() ?? '';
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text);
  if (bracketed) return canonicalIPv6(bracketed[1] ?? '');
  const withoutPort = /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  if (IPV4.test(withoutPort)) return withoutPort;
  return canonicalIPv6(text);
};

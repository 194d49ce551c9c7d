// Pure: IP addresses and CIDR ranges, v4 and v6, as numbers that can be compared.

export type Address = { readonly family: 4 | 6; readonly value: bigint };
export type AddressRange = { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint };

/**
 * Reads a bare address. Brackets, a port after brackets or after a v4 address, and an IPv6 zone are dropped;
 * an IPv4-mapped IPv6 address is the IPv4 address that it carries, as Jellyfin does it. Null where it is none.
 */
export function parseAddress(text: string): Address | null {
  const bare = stripDecoration(text.trim());
  return bare.includes(':') ? parseV6(bare) : parseV4(bare);
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address. Null where it is none, or the prefix is too long for its family. */
export function parseRange(text: string): AddressRange | null {
  const [head = '', prefix, ...rest] = text.trim().split('/');
  const address = rest.length === 0 ? parseAddress(head) : null;
  if (address === null) return null;
  const bits = address.family === 4 ? 32 : 128;
  // A mapped prefix (::ffff:10.0.0.0/104) counts its 96 leading bits.
  const mapped = address.family === 4 && head.includes(':') ? 96 : 0;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) - mapped : -1;
  if (length < 0 || length > bits) return null;
  const host = (1n << BigInt(bits - length)) - 1n;
  const first = address.value & ~host;
  return { family: address.family, first, last: first | host };
}

export const inRange = (address: Address, range: AddressRange): boolean =>
  address.family === range.family && address.value >= range.first && address.value <= range.last;

export const inAny = (address: Address, ranges: readonly AddressRange[]): boolean =>
  ranges.some((range) => inRange(address, range));

/** Reads a list; entries that are no range are left out (configuration refuses them before, a server's own list may hold anything). */
export const parseRanges = (texts: readonly string[]): AddressRange[] => texts.map(parseRange).filter((range) => range !== null);

/** RFC 1918, RFC 4193 and loopback: an address that no viewer on the internet can have. */
const PRIVATE = parseRanges(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fe80::/10', 'fc00::/7']);
export const isPrivate = (address: Address): boolean => inAny(address, PRIVATE);

/** As a media server's configuration takes it; IPv6 without the `::` short form. */
export function formatAddress({ family, value }: Address): string {
  const [count, width, radix] = family === 4 ? [4, 8n, 10] : [8, 16n, 16];
  const parts = Array.from({ length: count }, (_, i) =>
    ((value >> (BigInt(count - 1 - i) * width)) & ((1n << width) - 1n)).toString(radix),
  );
  return parts.join(family === 4 ? '.' : ':');
}

function stripDecoration(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  const inner = bracketed?.[1] ?? (/^[\d.]+:\d{1,5}$/.test(text) ? (text.split(':')[0] ?? '') : text);
  return inner.split('%')[0] ?? '';
}

function parseV4(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null;
    value = (value << 8n) | BigInt(part);
  }
  return { family: 4, value };
}

function parseV6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

function groups(text: string): number[] | null {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = i === parts.length - 1 ? parseV4(part) : null;
      if (v4 === null) return null;
      out.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16));
    else return null;
  }
  return out;
}

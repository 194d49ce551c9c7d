// Addresses as the configuration has them: URLs of neighbours, listening addresses, ranges, time zones.
import { z } from 'zod';
import { text } from './values.ts';

/** Where a server listens. */
export type Listen = { readonly host: string; readonly port: number };

/** A checked text turned into something, or the sentence that says what is wrong. */
function parsed<Out extends object | string>(kind: string, read: (value: string) => { ok: Out } | { problem: string }) {
  return text(2_000)
    .transform((value, context): Out => {
      const result = read(value);
      if ('ok' in result) return result.ok;
      context.issues.push({ code: 'custom', message: result.problem, input: value });
      return z.NEVER;
    })
    .meta({ kind });
}

/** A URL without its trailing slash; a base path stays. Credentials do not belong into it: URLs end in logs. */
export const url = (...schemes: readonly string[]) =>
  parsed('URL', (value) => {
    const wanted = schemes.map((scheme) => `${scheme}://`).join(' or ');
    if (!URL.canParse(value)) return { problem: `must be a URL that begins with ${wanted}` };
    const parts = new URL(value);
    if (!schemes.includes(parts.protocol.slice(0, -1)) || parts.hostname === '')
      return { problem: `must be a URL that begins with ${wanted}` };
    if (parts.username !== '' || parts.password !== '')
      return { problem: 'must not contain a user name or password; they have keys of their own' };
    if (parts.search !== '' || parts.hash !== '') return { problem: 'must not contain "?" or "#"' };
    return { ok: value.replace(/\/+$/, '') };
  });

/** `address:port`, `[v6]:port`; `0.0.0.0` and `[::]` are every interface. */
export const listen = () =>
  parsed<Listen>('address:port', (value) => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(value);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host === undefined || port > 65_535 || (match?.[1] !== undefined && !z.ipv6().safeParse(host).success))
      return { problem: 'must be an address and a port, such as 0.0.0.0:8400 or [::]:8400' };
    if (/^[\d.]+$/.test(host) && !z.ipv4().safeParse(host).success) return { problem: `${host} is not an IPv4 address` };
    return { ok: { host, port } };
  });

const isRange = (value: string): boolean => z.cidrv4().safeParse(value).success || z.cidrv6().safeParse(value).success;

/** A CIDR range, IPv4 or IPv6; a bare address is the range of itself. */
export const range = () =>
  parsed('range (CIDR)', (value) => {
    if (isRange(value)) return { ok: value };
    if (z.ipv4().safeParse(value).success) return { ok: `${value}/32` };
    if (z.ipv6().safeParse(value).success) return { ok: `${value}/128` };
    return { problem: `"${value}" is not a range such as 192.168.0.0/16 or fd00::/8` };
  });

/** An IANA time zone that this Node knows. */
export const timeZone = () =>
  parsed('time zone', (value) => {
    try {
      return { ok: new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone };
    } catch {
      return { problem: `"${value}" is not a time zone such as Europe/Berlin` };
    }
  });

/** SHA-256 of a certificate as 64 hex digits, with or without colons; given back bare and in small letters. */
export const fingerprint = () =>
  parsed('SHA-256 fingerprint', (value) => {
    const bare = value.replaceAll(':', '').toLowerCase();
    return /^[0-9a-f]{64}$/.test(bare)
      ? { ok: bare }
      : { problem: 'must be the SHA-256 fingerprint of the certificate: 64 hex digits, colons allowed' };
  });

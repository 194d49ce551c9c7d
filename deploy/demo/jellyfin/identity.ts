// Ids, times and shapes as Jellyfin writes them: 32 hex digits without dashes, seven decimals of a second. Pure but for the random id.
import { createHash, randomBytes } from 'node:crypto';

/** 100 ns. */
export const ticksPerMs = 10_000;
export const emptyId = '0'.repeat(32);

export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** MD5, as Jellyfin does for sessions (client + device) and items (path): stable across restarts. */
export function idOf(text: string): string {
  return createHash('md5').update(text, 'utf16le').digest('hex');
}

/** MD5 as .NET's `new Guid(bytes).ToString("N")` writes it, for channels and media sources: the first three groups little-endian. */
export function guidOf(text: string): string {
  const hex = idOf(text);
  const turned = (from: number, to: number) => (hex.slice(from, to).match(/../g) ?? []).reverse().join('');
  return `${turned(0, 8)}${turned(8, 12)}${turned(12, 16)}${hex.slice(16)}`;
}

/** Both forms are accepted on input; null where it is no id. */
export function parseId(text: string | null | undefined): string | null {
  const plain = (text ?? '').replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(plain) ? plain : null;
}

export function dashed(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** .NET's DateTime.MinValue for "never". */
export function isoTime(at: number | null): string {
  return at === null ? '0001-01-01T00:00:00.0000000Z' : new Date(at).toISOString().replace(/Z$/, '0000Z');
}

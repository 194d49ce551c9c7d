// Which token a request carries, and what it says of the device (facts/jellyfin.md §3). Pure.
import type { IncomingHttpHeaders } from 'node:http';

export type Credentials = {
  readonly token: string | null;
  readonly client: string | null;
  readonly device: string | null;
  readonly deviceId: string | null;
  readonly version: string | null;
};

const nobody: Credentials = { token: null, client: null, device: null, deviceId: null, version: null };

/** Values are URL-decoded by the server: `+` becomes a space. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

function parseHeader(header: string, schemes: readonly string[]): Credentials | null {
  const space = header.indexOf(' ');
  if (space < 0 || !schemes.includes(header.slice(0, space).toLowerCase())) return null;
  const parts = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of header.slice(space + 1).matchAll(/([A-Za-z]+)\s*=\s*(?:"([^"]*)"|([^",\s]+))/g))
    parts.set(name.toLowerCase(), decode(quoted ?? plain));
  const value = (name: string) => parts.get(name) || null;
  return {
    token: value('token'),
    client: value('client'),
    device: value('device'),
    deviceId: value('deviceid'),
    version: value('version'),
  };
}

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? null;

/** `legacy` admits X-Emby-Token, X-MediaBrowser-Token, X-Emby-Authorization, scheme Emby and ?api_key=. */
export function readCredentials(headers: IncomingHttpHeaders, query: URLSearchParams, legacy: boolean): Credentials {
  const schemes = legacy ? ['mediabrowser', 'emby'] : ['mediabrowser'];
  const old = legacy ? first(headers['x-emby-authorization']) : null;
  const named = parseHeader(headers.authorization ?? old ?? '', schemes) ?? nobody;
  const legacyToken = legacy ? (first(headers['x-emby-token']) ?? first(headers['x-mediabrowser-token'])) : null;
  const legacyQuery = legacy ? query.get('api_key') : null;
  const token = named.token ?? legacyToken ?? query.get('ApiKey') ?? query.get('apikey') ?? legacyQuery;
  return { ...named, token, deviceId: named.deviceId ?? query.get('deviceId') };
}

// Where a server is, as configured, and what is asked of it, as URLs.
import { ControllerError } from '../errors.ts';

export type ServerAddress = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Base path without its last slash: '' or '/jellyfin'. */
  readonly basePath: string;
  readonly socketUrl: string;
};

/**
 * @param url as configured: http or https, with or without a base path and a trailing slash, IPv6 in brackets
 * @throws ControllerError config_invalid
 */
export const serverAddress = (name: string, url: string): ServerAddress => {
  const invalid = (why: string) => new ControllerError('config_invalid', `Media server "${name}": ${why}`);
  const parsed = URL.parse(url);
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:'))
    throw invalid('its url must begin with http:// or https://');
  if (parsed.username || parsed.password) throw invalid('its url must not hold a user or password');
  if (parsed.search || parsed.hash) throw invalid('its url must end with the path: no ? and no #');
  const basePath = parsed.pathname.replace(/\/+$/, '');
  return { origin: parsed.origin, basePath, socketUrl: `${parsed.origin.replace(/^http/, 'ws')}${basePath}/socket` };
};

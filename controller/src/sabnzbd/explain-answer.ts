// What SABnzbd's refusals mean, from 3.0 to 4.5. Pure.
import { ControllerError } from '../errors.ts';

const refused = (sentence: string): ControllerError => new ControllerError('upstream_refused', sentence);

/**
 * Null for an answer to be read. A wrong key is 403 since 3.3, in bare words, or in none with its api_warnings off; before, an error in JSON.
 * `body` is only looked at, never repeated: behind a wrong URL it may be anything.
 */
export const failureOf = (name: string, status: number, body: string): ControllerError | null => {
  if (status >= 200 && status < 300) return null;
  if (status === 403) {
    if (/^API Key (Required|Incorrect)/i.test(body)) return wrongKey(name);
    if (/hostname verification/i.test(body))
      return refused(`${name} does not know the host name in our URL: add it to its host_whitelist, or give its IP address`);
    if (/access denied/i.test(body)) return refused(`${name} does not let our address in: see its "External internet access"`);
    return refused(`${name} refuses us without saying why: is the API key right, and does it know the host name in our URL?`);
  }
  if (status === 404)
    return new ControllerError('upstream_failed', `${name} has no SABnzbd API at this URL: is it right, base path included?`);
  if (status >= 300 && status < 400)
    return new ControllerError('upstream_failed', `${name} redirects us: give the URL where it ends up`);
  if (status >= 500) return new ControllerError('upstream_unreachable', `${name} answers ${status}`);
  return new ControllerError('upstream_failed', `${name} answered with ${status}`);
};

/** The error of a JSON answer with status 200. */
export const errorOf = (name: string, mode: string, error: string): ControllerError => {
  if (/^API Key/i.test(error)) return wrongKey(name);
  if (error === 'Configuration locked')
    return new ControllerError(
      'upstream_failed',
      `${name} has its configuration locked (config_lock): it takes no limit from anybody`,
    );
  if (/^[\w ,.'-]{1,120}$/.test(error)) return new ControllerError('upstream_failed', `${name} answered ${mode} with: ${error}`);
  return new ControllerError('upstream_failed', `${name} answered ${mode} with an error`);
};

const wrongKey = (name: string): ControllerError =>
  refused(`${name} refuses the API key (it must be the API key, not the NZB key)`);

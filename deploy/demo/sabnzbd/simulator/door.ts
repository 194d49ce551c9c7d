// Who may ask the simulated SABnzbd: host name first, then the key (sabnzbd/interface.py).
import { isIP } from 'node:net';
import type { SimulatedVersion } from './downloader.ts';

export type Door = {
  readonly version: SimulatedVersion;
  readonly apiKey: string;
  /** Good for adding only. */
  readonly nzbKey: string;
  readonly hostWhitelist: readonly string[];
  /** False: a refusal has no words from 3.7 on. */
  readonly apiWarnings: boolean;
};

export type Refusal = { readonly status: number; readonly body: string };

const forAdding = ['addurl', 'addfile', 'addlocalfile'];
const forAnybody = ['version', 'auth'];

/** Null for whoever may come in. `keys`: all values given for apikey; two of them are a list, and no key. */
export const refusalOf = (door: Door, host: string, mode: string, keys: readonly string[]): Refusal | null => {
  const words = (body: string, status = 403): Refusal => ({
    status,
    body: door.apiWarnings || door.version === '3.2.1' ? body : '',
  });
  if (!isKnownHost(host, door.hostWhitelist))
    return words('Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check');
  const status = door.version === '3.2.1' ? 200 : 403; // since 3.3
  const [key = '', ...others] = keys;
  // 3.2 asked for the key there as well, but the NZB key would do.
  if (forAnybody.includes(mode) && door.version !== '3.2.1') return null;
  if (key === '') return words('API Key Required', status);
  if (others.length === 0 && key === door.apiKey) return null;
  if (others.length === 0 && key === door.nzbKey && [...forAdding, ...forAnybody].includes(mode)) return null;
  return words('API Key Incorrect', status);
};

const isKnownHost = (header: string, whitelist: readonly string[]): boolean => {
  const host = header.replace(/:\d+$/, '').toLowerCase();
  const bare = host.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isIP(bare) !== 0 || whitelist.includes(host) || /\.local\.?$/.test(host);
};

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

/** `words` may be empty. `asReport`: with status 200, as any other error of the API. */
export type Refusal = { readonly words: string; readonly asReport: boolean };

const forAdding = ['addurl', 'addfile', 'addlocalfile'];
const forAnybody = ['version', 'auth'];

/** Null for whoever may come in. `keys`: all values given for apikey; two of them are a list, and no key. */
export const refusalOf = (door: Door, host: string, mode: string, keys: readonly string[]): Refusal | null => {
  const isOld = door.version === '3.2.1'; // 403, and the host name looked at, since 3.3
  const refuse = (words: string): Refusal => ({ words: door.apiWarnings || isOld ? words : '', asReport: isOld });
  if (!isOld && !isKnownHost(host, door.hostWhitelist))
    return refuse('Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check');
  if (forAnybody.includes(mode)) return null;
  const [key = '', ...others] = keys;
  if (key === '') return refuse('API Key Required');
  if (others.length === 0 && key === door.apiKey) return null;
  if (others.length === 0 && key === door.nzbKey && forAdding.includes(mode)) return null;
  return refuse('API Key Incorrect');
};

const isKnownHost = (header: string, whitelist: readonly string[]): boolean => {
  const host = header.replace(/:\d+$/, '').toLowerCase();
  const bare = host.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isIP(bare) !== 0 || whitelist.includes(host) || /\.local\.?$/.test(host);
};

// What the tests of the Jellyfin adapter share: an opened server, and what all tests of media servers share.
import { type JellyfinOptions, type JellyfinServer, openJellyfin } from '../../src/jellyfin/open-jellyfin.ts';
import { silentLog } from '../../src/log.ts';
import { fastClock } from '../neighbours/watched.ts';

export { fastClock, until, watched } from '../neighbours/watched.ts';

export type Target = { readonly url: string; readonly apiKey: string };

export const openTest = (target: Target, options: Partial<JellyfinOptions> = {}): JellyfinServer =>
  openJellyfin({
    name: 'main',
    url: target.url,
    apiKey: target.apiKey,
    onUplink: true,
    deviceId: 'headgate-test',
    clock: fastClock(1),
    log: silentLog,
    ...options,
  });

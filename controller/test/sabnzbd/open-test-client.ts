// The adapter as the tests open it.
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { openSabnzbd, type Sabnzbd, type SabnzbdOptions } from '../../src/sabnzbd/open-sabnzbd.ts';

/** The key of the simulator unless another is given. Polls each 20 ms unless told otherwise. */
export const openTestClient = (url: string, options: Partial<SabnzbdOptions> = {}): Sabnzbd =>
  openSabnzbd({
    name: 'sab',
    url,
    apiKey: '0123456789abcdef0123456789abcdef',
    onUplink: true,
    pollIntervalMs: 20,
    clock: systemClock,
    log: silentLog,
    ...options,
  });

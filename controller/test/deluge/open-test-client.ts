// The adapter as the tests open it, and a browser on the same deluge-web: what its user does by hand.
import { systemClock } from '../../src/clock.ts';
import { type Deluge, type DelugeOptions, openDeluge } from '../../src/deluge/open-deluge.ts';
import { silentLog } from '../../src/log.ts';

/** Polls each 20 ms unless told otherwise. */
export const openTestClient = (url: string, options: Partial<DelugeOptions> = {}): Deluge =>
  openDeluge({
    name: 'deluge',
    url,
    password: 'deluge',
    onUplink: true,
    pollIntervalMs: 20,
    clock: systemClock,
    log: silentLog,
    ...options,
  });

// biome-ignore lint/suspicious/noExplicitAny: whatever Deluge answers, looked at by a test
export type Browser = (method: string, ...params: unknown[]) => Promise<any>;

/** Logged in. Connected to the daemon where `connect` is not false. @throws Error with Deluge's own words. */
export const openBrowser = async (url: string, { connect = true, password = 'deluge' } = {}): Promise<Browser> => {
  let cookie = '';
  const browser: Browser = async (method, ...params) => {
    const answer = await fetch(`${url}/json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ method, params, id: 1 }),
      signal: AbortSignal.timeout(10_000),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const { result, error } = (await answer.json()) as { result: unknown; error: { message: string } | null };
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  await browser('auth.login', password);
  if (connect && !(await browser('web.connected'))) await browser('web.connect', (await browser('web.get_hosts'))[0][0]);
  return browser;
};

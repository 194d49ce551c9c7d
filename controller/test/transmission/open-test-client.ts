// The adapter as the tests open it, and a browser on the same Transmission: what its user does by hand.
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { openTransmission, type Transmission, type TransmissionOptions } from '../../src/transmission/open-transmission.ts';

/** Polls each 20 ms unless told otherwise. */
export const openTestClient = (url: string, options: Partial<TransmissionOptions> = {}): Transmission =>
  openTransmission({ name: 'seedbox', url, onUplink: true, pollIntervalMs: 20, clock: systemClock, log: silentLog, ...options });

// biome-ignore lint/suspicious/noExplicitAny: whatever Transmission answers, looked at by a test
export type Browser = (method: string, args?: object) => Promise<any>;

/** A fresh session id for each request, so that a restart does not matter. @throws Error with Transmission's own words. */
export const openBrowser = (url: string): Browser => {
  const rpc = `${url}/transmission/rpc`;
  return async (method, args = {}) => {
    const greeting = await fetch(rpc);
    await greeting.text();
    const answer = await fetch(rpc, {
      method: 'POST',
      headers: { 'x-transmission-session-id': greeting.headers.get('x-transmission-session-id') ?? '' },
      body: JSON.stringify({ method, arguments: args }),
      signal: AbortSignal.timeout(10_000),
    });
    const told = (await answer.json()) as { result: string; arguments: unknown };
    if (told.result !== 'success') throw new Error(`${method}: ${told.result}`);
    return told.arguments;
  };
};

/** Everything about speeds, the scheduler included. */
export const speedSettings = async (browser: Browser): Promise<Record<string, number | boolean>> => {
  const all = Object.entries(await browser('session-get')) as [string, number | boolean][];
  return Object.fromEntries(all.filter(([key]) => /speed/.test(key)));
};

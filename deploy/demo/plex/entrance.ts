// Who asks: the owner, a shared user or nobody; and the disturbances that a test has ordered for everybody.
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestLog } from './request-log.ts';

export type Caller = 'owner' | 'guest' | null;

export type Faults = {
  /** Requests are taken and never answered. */
  stalled: boolean;
  /** Every request gets this instead of its answer. */
  failingWith: number | null;
  /** The right token is refused, as after a sign-out of all devices. */
  tokenRefused: boolean;
  /** JSON and XML end in the middle. */
  garbled: boolean;
};

export type Asked = {
  readonly path: string;
  /** Without X-Plex-Token. */
  readonly query: Readonly<Record<string, string>>;
  readonly caller: Caller;
};

export type EntranceNeed = {
  readonly basePath: string;
  readonly token: string;
  readonly guestToken: string;
  readonly log: RequestLog;
  readonly faults: Faults;
};

/** The header wins over the query, which a real Plex takes as well. */
export function readRequest(need: EntranceNeed, target: string, headers: IncomingHttpHeaders): Asked {
  const url = new URL(target, 'http://plex.invalid');
  const { 'X-Plex-Token': inQuery, ...query } = Object.fromEntries(url.searchParams);
  if (inQuery !== undefined) need.log.countSecretInUrl();
  const header = headers['x-plex-token'];
  const token = typeof header === 'string' ? header : inQuery;
  const { basePath } = need;
  const inside = url.pathname.startsWith(`${basePath}/`);
  return {
    path: inside ? url.pathname.slice(basePath.length) : `(outside)${url.pathname}`,
    query,
    caller: callerOf(need, token),
  };
}

function callerOf(need: EntranceNeed, token: string | undefined): Caller {
  if (token === undefined || need.faults.tokenRefused) return null;
  if (token === need.token) return 'owner';
  return token === need.guestToken ? 'guest' : null;
}

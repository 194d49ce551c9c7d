// A real server for the HTTP tests: real database, real sockets, a clock that the test moves.
import type { Test } from 'tap';
import type { Clock } from '../../src/clock.ts';
import { httpMigration } from '../../src/database/migrations/004-http.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { type Auth, createAuth } from '../../src/http/auth.ts';
import { authRoutes } from '../../src/http/auth-routes.ts';
import { createAuthStore, type HttpTables } from '../../src/http/auth-store.ts';
import { type HttpDeps, openHttp } from '../../src/http/open-http.ts';
import { type Log, silentLog } from '../../src/log.ts';

export const PASSWORD = 'correct horse';

/** Stands still until the test moves it. */
export function stillClock(): Clock & { pass(ms: number): void } {
  let at = Date.UTC(2026, 0, 1);
  return {
    now: () => at,
    monotonic: () => at,
    sleep: async () => {},
    pass(ms) {
      at += ms;
    },
  };
}

export async function openStore(t: Test, clock: Clock, path = t.testdir()) {
  const database = await openDatabase({ path, log: silentLog, clock, migrations: [httpMigration] });
  t.teardown(() => database[Symbol.asyncDispose]());
  return createAuthStore(database.tables<HttpTables>());
}

type Options = Partial<HttpDeps> & { readonly password?: string };

/** Log-in, tokens and the given routes on a free port of this machine. */
export async function serve(t: Test, { routes = [], password = PASSWORD, ...more }: Options = {}) {
  const clock = stillClock();
  const auth = createAuth({ store: await openStore(t, clock), password, sessionMs: 3_600_000, clock, log: silentLog });
  const http = await openHttp({
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: null,
    trustedProxies: [],
    log: silentLog,
    auth,
    routes: [...authRoutes(auth), ...routes],
    ...more,
  });
  t.teardown(() => http[Symbol.asyncDispose]());
  return { auth, clock, http, url: http.url };
}

/** One JSON request. */
export async function call(
  url: string,
  { method = 'GET', body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'error',
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as unknown) : null,
  };
}

/** Logs in and gives the cookie as a browser would send it back. */
export async function logIn(url: string, password = PASSWORD): Promise<string> {
  const { headers } = await call(`${url}/api/login`, { method: 'POST', body: { password } });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Remembers every line, for tests that look for what must (not) be there. */
export function rememberingLog(): { log: Log; lines: () => string } {
  const lines: string[] = [];
  const write = (fields: unknown, text: string): void =>
    void lines.push(`${text} ${JSON.stringify(fields, (_, one: unknown) => (one instanceof Error ? one.message : one))}`);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { log, lines: () => lines.join('\n') };
}

/** A token of this scope, made by the service itself. */
export const bearer = async (auth: Auth, scope: 'read' | 'write'): Promise<Record<string, string>> => ({
  authorization: `Bearer ${(await auth.addToken(`${scope} token`, scope)).token}`,
});

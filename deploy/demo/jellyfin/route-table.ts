// Finds the handler for a method and a path, as ASP.NET does: case does not count, a known path with another method is 405. Pure.
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import { refusals } from './answer.ts';
import type { Session } from './sessions.ts';
import type { ApiKey, StoredUser, Token } from './users.ts';

export type Caller = {
  readonly kind: 'nobody' | 'key' | 'user';
  readonly user: StoredUser | null;
  readonly key: ApiKey | null;
  readonly token: Token | null;
  readonly isAdministrator: boolean;
  /** What Jellyfin takes for the caller's address, and whether that is local. */
  readonly address: string;
  readonly local: boolean;
  /** Of the caller's client and device; null for nobody. */
  readonly session: Session | null;
};

export type Exchange = {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  /** Query keys count in any letter case. */
  query(name: string): string | null;
  readonly body: unknown;
  readonly request: IncomingMessage;
};

export type Route = {
  readonly method: string;
  /** `/Users/{id}/Policy`. */
  readonly path: string;
  /** `user` is any token or key. */
  readonly access: 'none' | 'user' | 'admin';
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>;
};

export type RouteMatch =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly status: 404 | 405 };

export type Matcher = (method: string, path: string) => RouteMatch;

type Split = { readonly route: Route; readonly parts: readonly string[] };

function matchParts(
  { parts }: Split,
  given: readonly string[],
  lower: readonly string[],
): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{') && value !== '') params[part.slice(1, -1)] = value;
    else if (part !== lower[index]) return null;
  }
  return params;
}

/** Routes with fewer parameters win: /Users/Me before /Users/{id}. */
export function createMatcher(routes: readonly Route[]): Matcher {
  const byLength = new Map<number, Split[]>();
  for (const route of routes) {
    const parts = route.path.split('/').map((part) => (part.startsWith('{') ? part : part.toLowerCase()));
    byLength.set(parts.length, [...(byLength.get(parts.length) ?? []), { route, parts }]);
  }
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const given = (path.length > 1 ? path.replace(/\/$/, '') : path).split('/');
    const lower = given.map((part) => part.toLowerCase());
    const found = (byLength.get(given.length) ?? [])
      .flatMap((split) => {
        const params = matchParts(split, given, lower);
        return params ? [{ route: split.route, params }] : [];
      })
      .sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
    return found.find((match) => match.route.method === wanted) ?? { status: found.length > 0 ? 405 : 404 };
  };
}

/** The body as an object; {} where there is none. */
export function bodyOf(exchange: Exchange): Readonly<Record<string, unknown>> {
  const body = exchange.body;
  return body !== null && typeof body === 'object' && !Array.isArray(body) ? (body as Readonly<Record<string, unknown>>) : {};
}

/** The user whom a request is about: `userId`, else the caller. A key is not a user: 400. Another's id needs an admin: 403. */
export function wantedUser(exchange: Exchange, find: (id: string | null) => StoredUser | null, id: string | null): StoredUser {
  if (id === null) {
    if (!exchange.caller.user) throw refusals.processing(400);
    return exchange.caller.user;
  }
  const user = find(id);
  if (!user) throw refusals.notFound();
  if (!exchange.caller.isAdministrator && exchange.caller.user?.id !== user.id) throw refusals.forbidden();
  return user;
}

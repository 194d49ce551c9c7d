// What a user liked, played and rated, over HTTP.
import { json, refusals } from './answer.ts';
import { exactTime } from './exact-time.ts';
import { parseId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import type { Sessions } from './sessions.ts';
import type { UserData } from './user-data.ts';
import type { StoredUser, Users } from './users.ts';
import { readUpdate } from './watch-rules.ts';

export type UserDataRoutesNeed = {
  readonly library: Library;
  readonly users: Users;
  readonly userData: UserData;
  readonly sessions: Sessions;
  readonly maySee: (user: StoredUser, item: LibraryItem) => boolean;
};

type Handle = (userId: string, item: LibraryItem, exchange: Exchange) => Dto;

/** ISO, or yyyyMMddHHmmss; what is neither is no date. */
function datePlayed(exchange: Exchange): string | null {
  const given = exchange.query('datePlayed') ?? '';
  return exactTime(given.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6'));
}

function update(userData: UserData): Handle {
  return (userId, item, exchange) => {
    const reading = readUpdate(bodyOf(exchange));
    if ('errors' in reading) throw refusals.invalid(reading.errors);
    if ('outOfRange' in reading) throw refusals.processing(400);
    return userData.update(userId, item, reading.patch);
  };
}

/**
 * A key's session belongs to that user until the key's next call: seen as phantom activity. What is marked through a user's session
 * is marked for everybody who was added to it.
 */
function playedBy(need: UserDataRoutesNeed, handle: Handle): Handle {
  return (userId, item, exchange) => {
    const { session, kind } = exchange.caller;
    const user = need.users.byId(userId);
    if (kind === 'key' && session && user) session.owner = { ...session.owner, userId, userName: user.name };
    const answer = handle(userId, item, exchange);
    for (const { id } of session?.guests ?? []) handle(id, item, exchange);
    return answer;
  };
}

export function userDataRoutes(need: UserDataRoutesNeed): Route[] {
  const { userData } = need;
  const about = (handle: Handle) => (exchange: Exchange) => {
    const wanted = exchange.params['user'] ?? exchange.query('userId');
    const user = wantedUser(exchange, need.users.byId, parseId(wanted));
    const item = need.library.byId(parseId(exchange.params['id']));
    if (!item || !need.maySee(user, item)) throw refusals.notFound();
    return json(handle(user.id, item, exchange));
  };
  /** The form of 10.9, and the one of before, which all versions still take. */
  const both = (method: string, path: string, old: string, handle: Handle): Route[] =>
    [path, old].map((one) => ({ method, path: one, access: 'user', handle: about(handle) }));
  const likes = (exchange: Exchange) => exchange.query('likes')?.toLowerCase() === 'true';
  const favourite = ['/UserFavoriteItems/{id}', '/Users/{user}/FavoriteItems/{id}'] as const;
  const played = ['/UserPlayedItems/{id}', '/Users/{user}/PlayedItems/{id}'] as const;
  const rating = ['/UserItems/{id}/Rating', '/Users/{user}/Items/{id}/Rating'] as const;
  const state = ['/UserItems/{id}/UserData', '/Users/{user}/Items/{id}/UserData'] as const;
  return [
    ...both('POST', ...favourite, (user, item) => userData.favourite(user, item, true)),
    ...both('DELETE', ...favourite, (user, item) => userData.favourite(user, item, false)),
    ...both(
      'POST',
      ...played,
      playedBy(need, (user, item, exchange) => userData.played(user, item, datePlayed(exchange))),
    ),
    ...both(
      'DELETE',
      ...played,
      playedBy(need, (user, item) => userData.unplayed(user, item)),
    ),
    ...both('POST', ...rating, (user, item, exchange) => userData.rate(user, item, likes(exchange))),
    ...both('DELETE', ...rating, (user, item) => userData.rate(user, item, null)),
    ...both('GET', ...state, (user, item) => userData.dto(user, item)),
    ...both('POST', ...state, update(userData)),
  ];
}

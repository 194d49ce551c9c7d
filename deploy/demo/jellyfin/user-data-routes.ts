// What a user liked, played and rated, over HTTP.
import { json, refusals } from './answer.ts';
import { parseId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import type { UserData } from './user-data.ts';
import type { Users } from './users.ts';

export type UserDataRoutesNeed = { readonly library: Library; readonly users: Users; readonly userData: UserData };

export function userDataRoutes(need: UserDataRoutesNeed): Route[] {
  const about = (handle: (userId: string, item: LibraryItem, exchange: Exchange) => Dto) => (exchange: Exchange) => {
    const user = wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')));
    const item = need.library.byId(parseId(exchange.params['id']));
    if (!item) throw refusals.notFound();
    return json(handle(user.id, item, exchange));
  };
  const { userData } = need;
  const date = (exchange: Exchange) => {
    const at = Date.parse(exchange.query('datePlayed') ?? '');
    return Number.isNaN(at) ? null : at;
  };
  return [
    {
      method: 'POST',
      path: '/UserFavoriteItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.favourite(user, item, true)),
    },
    {
      method: 'DELETE',
      path: '/UserFavoriteItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.favourite(user, item, false)),
    },
    {
      method: 'POST',
      path: '/UserPlayedItems/{id}',
      access: 'user',
      handle: about((user, item, exchange) => userData.played(user, item, date(exchange))),
    },
    {
      method: 'DELETE',
      path: '/UserPlayedItems/{id}',
      access: 'user',
      handle: about((user, item) => userData.unplayed(user, item)),
    },
    {
      method: 'POST',
      path: '/UserItems/{id}/Rating',
      access: 'user',
      handle: about((user, item, exchange) => userData.rate(user, item, exchange.query('likes')?.toLowerCase() === 'true')),
    },
    {
      method: 'DELETE',
      path: '/UserItems/{id}/Rating',
      access: 'user',
      handle: about((user, item) => userData.rate(user, item, null)),
    },
    { method: 'GET', path: '/UserItems/{id}/UserData', access: 'user', handle: about((user, item) => userData.dto(user, item)) },
    {
      method: 'POST',
      path: '/UserItems/{id}/UserData',
      access: 'user',
      handle: about((user, item, exchange) => userData.update(user, item, bodyOf(exchange))),
    },
  ];
}

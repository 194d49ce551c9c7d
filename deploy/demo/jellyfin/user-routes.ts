// /Users and /Auth: log-ins, people, policies, keys.
import type { ActivityLog } from './activity-log.ts';
import { type Answer, json, noContent, refusals } from './answer.ts';
import { readCredentials } from './authorization.ts';
import { parseId } from './identity.ts';
import type { People } from './people.ts';
import { hookSession } from './playback-reports.ts';
import { readPolicy } from './policy.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import type { Sessions } from './sessions.ts';
import { keyDto, type StoredUser, type Users, userDto } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';
import type { WebhookPlugin } from './webhook-plugin.ts';

export type UserRoutesNeed = {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly serverId: string;
  readonly behaviour: JellyfinBehaviour;
  readonly legacyTokens: () => boolean;
  readonly people: People;
  readonly activity: ActivityLog;
  readonly webhooks: Pick<WebhookPlugin, 'session' | 'loggedIn' | 'loginFailed'>;
};

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** As far as a failed log-in is told of: who asked, and from where. */
async function refuseLogIn(need: UserRoutesNeed, exchange: Exchange, device: Device, name: string): Promise<never> {
  const { address } = exchange.caller;
  need.activity.loginFailed(name, address);
  const app = { id: '', userId: '', userName: name, address, lastActivity: null, lastCheckIn: null };
  await need.webhooks.loginFailed(name, { ...app, ...device }, device.version);
  throw refusals.processing(401);
}

type Device = { readonly client: string; readonly device: string; readonly deviceId: string; readonly version: string };

async function logIn(need: UserRoutesNeed, exchange: Exchange): Promise<Answer> {
  const { client, device, deviceId, version } = readCredentials(
    exchange.request.headers,
    new URLSearchParams(),
    need.legacyTokens(),
  );
  if (!client || !device || !deviceId || !version) throw refusals.processing(400);
  const body = bodyOf(exchange);
  const user = need.users.byName(text(body['Username']));
  const asked = { client, device, deviceId, version };
  if (!user || user.password !== text(body['Pw'])) return refuseLogIn(need, exchange, asked, text(body['Username']));
  if (user.policy.IsDisabled || (!exchange.caller.local && !user.policy.EnableRemoteAccess)) throw refusals.processing(403);
  const token = need.users.logIn(user, asked);
  const { address } = exchange.caller;
  const before = need.sessions.list().length;
  const session = need.sessions.touch({ userId: user.id, userName: user.name, ...asked, address });
  need.activity.loggedIn(user, address);
  const hook = hookSession(session);
  // Both hold the log-in up until they are answered.
  if (hook && need.sessions.list().length > before)
    await need.webhooks.session('SessionStart', { ...hook, lastActivity: null, lastCheckIn: null });
  if (hook) await need.webhooks.loggedIn(user, hook);
  return json({
    User: userDto(user, need.serverId),
    SessionInfo: need.sessions.dto(session, false),
    AccessToken: token.token,
    ServerId: need.serverId,
  });
}

async function newUser(need: UserRoutesNeed, exchange: Exchange): Promise<Answer> {
  const body = bodyOf(exchange);
  if (typeof body['Name'] !== 'string') {
    const missing =
      "JSON deserialization for type 'Jellyfin.Api.Models.UserDtos.CreateUserByName' was missing required properties including: 'Name'.";
    throw refusals.invalid({ $: [missing], request: ['The request field is required.'] });
  }
  const { user, told } = need.people.add(body['Name'], text(body['Password']));
  if (text(body['Password']) !== '') need.activity.passwordChanged(user);
  await told;
  return json(userDto(user, need.serverId));
}

function setPolicy(need: UserRoutesNeed, exchange: Exchange): Answer {
  const reading = readPolicy(exchange.body, need.behaviour.hasParentalSubRating);
  if ('errors' in reading) throw refusals.invalid(reading.errors);
  const user = need.users.byId(parseId(exchange.params['id']));
  if (!user) throw refusals.notFound();
  need.users.setPolicy(user, reading.policy);
  return noContent;
}

function setPassword(need: UserRoutesNeed, exchange: Exchange): Answer {
  const user = wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')));
  const body = bodyOf(exchange);
  const other = exchange.caller.isAdministrator && exchange.caller.user?.id !== user.id;
  if (!other && user.password !== text(body['CurrentPw'])) throw refusals.forbidden();
  user.password = body['ResetPassword'] === true ? '' : text(body['NewPw']);
  need.users.revoke((token) => token.userId !== user.id || token === exchange.caller.token);
  need.activity.passwordChanged(user);
  return noContent;
}

/** A whole UserDto: renames. What it says of the policy is not looked at. */
async function updateUser(need: UserRoutesNeed, exchange: Exchange): Promise<Answer> {
  const user = wantedUser(exchange, need.users.byId, parseId(exchange.query('userId')));
  const name = bodyOf(exchange)['Name'];
  if (typeof name !== 'string') throw refusals.processing(400);
  if (name !== user.name) await need.people.rename(user, name);
  return noContent;
}

function known(need: UserRoutesNeed, exchange: Exchange): StoredUser {
  const user = need.users.byId(parseId(exchange.params['id']));
  if (!user) throw refusals.sentence(404, 'User not found');
  return user;
}

export function userRoutes(need: UserRoutesNeed): Route[] {
  const { users, serverId } = need;
  return [
    { method: 'POST', path: '/Users/AuthenticateByName', access: 'none', handle: (exchange) => logIn(need, exchange) },
    {
      method: 'GET',
      path: '/Users',
      access: 'user',
      handle: (exchange) => json(filtered(users.list(), exchange).map((user) => userDto(user, serverId))),
    },
    {
      method: 'GET',
      path: '/Users/Me',
      access: 'user',
      handle(exchange) {
        if (!exchange.caller.user) throw refusals.badRequest();
        return json(userDto(exchange.caller.user, serverId));
      },
    },
    { method: 'POST', path: '/Users', access: 'user', handle: (exchange) => updateUser(need, exchange) },
    { method: 'POST', path: '/Users/New', access: 'admin', handle: (exchange) => newUser(need, exchange) },
    { method: 'POST', path: '/Users/Password', access: 'user', handle: (exchange) => setPassword(need, exchange) },
    { method: 'GET', path: '/Users/{id}', access: 'user', handle: (exchange) => json(userDto(known(need, exchange), serverId)) },
    {
      method: 'DELETE',
      path: '/Users/{id}',
      access: 'admin',
      async handle(exchange) {
        await need.people.remove(known(need, exchange));
        return noContent;
      },
    },
    // There is no GET of a policy: the route table answers 405.
    { method: 'POST', path: '/Users/{id}/Policy', access: 'admin', handle: (exchange) => setPolicy(need, exchange) },
    ...keyRoutes(users),
  ];
}

function filtered(users: readonly StoredUser[], exchange: Exchange): readonly StoredUser[] {
  const wants = (name: 'IsHidden' | 'IsDisabled') => {
    const value = exchange.query(name)?.toLowerCase();
    return (user: StoredUser) =>
      value === undefined || !['true', 'false'].includes(value) || user.policy[name] === (value === 'true');
  };
  return users.filter(wants('IsHidden')).filter(wants('IsDisabled'));
}

function keyRoutes(users: Users): Route[] {
  return [
    {
      method: 'GET',
      path: '/Auth/Keys',
      access: 'admin',
      handle: () => json({ Items: users.keys().map(keyDto), TotalRecordCount: users.keys().length, StartIndex: 0 }),
    },
    {
      method: 'POST',
      path: '/Auth/Keys',
      access: 'admin',
      handle(exchange) {
        // The new key is not in the answer: read the list.
        users.addKey(exchange.query('app') ?? '');
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path: '/Auth/Keys/{key}',
      access: 'admin',
      handle(exchange) {
        users.removeKey(exchange.params['key'] ?? '');
        return noContent;
      },
    },
  ];
}

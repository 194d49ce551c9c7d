// Quick Connect: a device shows a code, somebody who is logged in agrees to it, and the device gets that user's token. And logging out.
import { randomBytes, randomInt } from 'node:crypto';
import { type Answer, json, noContent, refusals } from './answer.ts';
import { readCredentials } from './authorization.ts';
import { isoTime, parseId } from './identity.ts';
import { bodyOf, type Exchange, type Route, wantedUser } from './route-table.ts';
import type { Sessions } from './sessions.ts';
import { type Token, type Users, userDto } from './users.ts';

export type QuickConnectNeed = {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly server: { readonly id: string };
  readonly legacyTokens: () => boolean;
  readonly now: () => number;
  /** QuickConnectAvailable of the configuration. */
  readonly available: () => boolean;
};

type Wish = {
  readonly secret: string;
  readonly code: string;
  readonly device: Omit<Token, 'token' | 'userId'>;
  readonly madeAt: number;
  /** Of whoever agreed. */
  token: Token | null;
};

const codeLastsMs = 600_000;

function wishDto({ secret, code, device, madeAt, token }: Wish) {
  return {
    Authenticated: token !== null,
    Secret: secret,
    Code: code,
    DeviceId: device.deviceId,
    DeviceName: device.device,
    AppName: device.client,
    AppVersion: device.version,
    DateAdded: isoTime(madeAt),
  };
}

export function quickConnectRoutes(need: QuickConnectNeed): Route[] {
  const { users, sessions, now } = need;
  let wishes: Wish[] = [];
  const open = () => {
    if (!need.available()) throw refusals.sentence(401, 'Quick connect is disabled');
    wishes = wishes.filter(({ madeAt }) => now() - madeAt < codeLastsMs);
    return wishes;
  };
  const initiate = (exchange: Exchange): Answer => {
    const all = open();
    const given = readCredentials(exchange.request.headers, new URLSearchParams(), need.legacyTokens());
    const { client, device, deviceId, version } = given;
    if (!client || !device || !deviceId || !version) throw refusals.processing(400);
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    const secret = randomBytes(32).toString('hex');
    const wish: Wish = { secret, code, device: { client, device, deviceId, version }, madeAt: now(), token: null };
    all.push(wish);
    return json(wishDto(wish));
  };
  const authorize = (exchange: Exchange): Answer => {
    const user = wantedUser(exchange, users.byId, parseId(exchange.query('userId')));
    const wish = open().find(({ code }) => code === exchange.query('code'));
    if (!wish) throw refusals.processing(404);
    wish.token = users.logIn(user, wish.device);
    return json(true);
  };
  const logIn = (exchange: Exchange): Answer => {
    const wish = open().find(({ secret }) => secret === bodyOf(exchange)['Secret']);
    const user = users.byId(wish?.token?.userId ?? null);
    if (!wish?.token || !user) throw refusals.processing(404);
    wishes = wishes.filter((one) => one !== wish);
    const { address } = exchange.caller;
    const session = sessions.touch({ userId: user.id, userName: user.name, ...wish.device, address });
    const { token: AccessToken } = wish.token;
    const { id: ServerId } = need.server;
    return json({ User: userDto(user, ServerId), SessionInfo: sessions.dto(session, false), AccessToken, ServerId });
  };
  return [
    { method: 'GET', path: '/QuickConnect/Enabled', access: 'none', handle: () => json(need.available()) },
    { method: 'POST', path: '/QuickConnect/Initiate', access: 'none', handle: initiate },
    {
      method: 'GET',
      path: '/QuickConnect/Connect',
      access: 'none',
      handle(exchange) {
        const wish = open().find(({ secret }) => secret === exchange.query('secret'));
        if (!wish) throw refusals.processing(404);
        return json(wishDto(wish));
      },
    },
    { method: 'POST', path: '/QuickConnect/Authorize', access: 'user', handle: authorize },
    { method: 'POST', path: '/Users/AuthenticateWithQuickConnect', access: 'none', handle: logIn },
    {
      method: 'POST',
      path: '/Sessions/Logout',
      access: 'user',
      handle({ caller }) {
        if (caller.token) users.revoke((token) => token !== caller.token);
        if (caller.token && caller.session) sessions.end(caller.session);
        return noContent;
      },
    },
  ];
}

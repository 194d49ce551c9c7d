// Who is let into the simulated qBittorrent: sessions, log-in by version, API key, ban (webui/webapplication.cpp, api/authcontroller.cpp).
import { randomBytes } from 'node:crypto';

export type SimulatedVersion = '4.5.2' | '5.0.5' | '5.1.4' | '5.2.3';

export type EntranceOptions = {
  readonly version: SimulatedVersion;
  readonly username: string;
  /** Null: everybody on loopback is let in without a log-in. */
  readonly password: string | null;
  readonly apiKey: string | null;
  readonly sessionTimeoutMs: number;
  /** The port in the name of the cookie from 5.2 on. */
  readonly webPort: number;
  readonly now: () => number;
};

/** `data` is what the session's own controllers remember (sync/maindata). */
export type Session = { readonly id: string; usedAt: number; readonly data: Map<string, unknown> };
/** `cookie` is the set-cookie line of a session that began just now. */
export type Visitor = { readonly session: Session | null; readonly byKey: boolean; readonly cookie: string | null };
export type LogInAnswer = { readonly status: number; readonly body: string; readonly cookie: string | null };

const wrongTriesUntilBan = 5;
const banMs = 3_600_000;
const banned = 'Your IP address has been banned after too many failed authentication attempts.';

export type Entrance = {
  visitor(headers: { readonly cookie: string | undefined; readonly authorization: string | undefined }): Visitor;
  logIn(visitor: Visitor, username: string, password: string): LogInAnswer;
  logOut(visitor: Visitor): void;
  /** As after the time-out. */
  forgetSessions(): void;
  /** A restart forgets sessions, wrong tries and bans. */
  forgetAll(): void;
  /** Null takes it away. */
  setApiKey(key: string | null): void;
  setPassword(password: string): void;
  sessions(): number;
};

export const createEntrance = (options: EntranceOptions): Entrance => {
  const { version, now } = options;
  const isModern = version === '5.2.3';
  const cookieName = isModern ? `QBT_SID_${options.webPort}` : 'SID';
  const sessions = new Map<string, Session>();
  let { apiKey, password } = options;
  const tries = createTries(now);

  const begin = (id: string): Session => {
    for (const old of sessions.values()) if (now() - old.usedAt > options.sessionTimeoutMs) sessions.delete(old.id);
    const session: Session = { id, usedAt: now(), data: new Map() };
    sessions.set(id, session);
    return session;
  };
  const beginWithCookie = () => {
    const session = begin(randomBytes(24).toString('base64')); // with "+", "/" and "=" in it, as the original's
    return {
      session,
      cookie: `${cookieName}=${session.id}; HttpOnly; ${isModern ? 'SameSite=Lax; expires=Fri, 31-Dec-2100 23:59:59 GMT; path=/' : 'path=/; SameSite=Strict'}`,
    };
  };
  const known = (id: string | undefined): Session | null => {
    const session = id === undefined ? undefined : sessions.get(id);
    if (session === undefined) return null;
    if (now() - session.usedAt > options.sessionTimeoutMs) {
      sessions.delete(session.id);
      return null;
    }
    session.usedAt = now();
    return session;
  };
  const byKey = (key: string): Visitor => {
    const fits = apiKey !== null && key === apiKey;
    return { session: fits ? (sessions.get(key) ?? begin(key)) : null, byKey: true, cookie: null };
  };
  const logIn = (visitor: Visitor, username: string, tried: string): LogInAnswer => {
    const welcome = isModern ? { status: 204, body: '' } : { status: 200, body: 'Ok.' };
    if (visitor.session !== null) return { ...welcome, cookie: null }; // whatever the password
    if (tries.banned()) return { status: 403, body: banned, cookie: null };
    if (username === options.username && tried === password) {
      tries.forget();
      return { ...welcome, cookie: beginWithCookie().cookie };
    }
    tries.wrong();
    return isModern ? { status: 401, body: 'Unauthorized', cookie: null } : { status: 200, body: 'Fails.', cookie: null };
  };
  return {
    visitor: ({ cookie, authorization }) => {
      const key = isModern ? /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] : undefined;
      if (key !== undefined) return byKey(key);
      const session = known(parseCookie(cookie ?? '').get(cookieName));
      if (session !== null || password !== null) return { session, byKey: false, cookie: null };
      return { byKey: false, ...beginWithCookie() };
    },
    logIn,
    logOut: ({ session }) => {
      if (session !== null) sessions.delete(session.id);
    },
    forgetSessions: () => sessions.clear(),
    forgetAll: () => {
      sessions.clear();
      tries.forget();
    },
    setApiKey: (key) => {
      apiKey = key;
    },
    setPassword: (next) => {
      password = next;
    },
    sessions: () => sessions.size,
  };
};

/** Wrong tries of the one address that there is on loopback. */
const createTries = (now: () => number) => {
  let wrong = 0;
  let bannedUntil: number | null = null;
  const forget = (): void => {
    wrong = 0;
    bannedUntil = null;
  };
  return {
    banned: (): boolean => {
      if (bannedUntil !== null && now() >= bannedUntil) forget();
      return bannedUntil !== null;
    },
    wrong: (): void => {
      wrong += 1;
      if (wrong >= wrongTriesUntilBan) bannedUntil = now() + banMs;
    },
    forget,
  };
};

const parseCookie = (header: string): ReadonlyMap<string, string> =>
  new Map(
    header.split(';').flatMap((pair): [string, string][] => {
      const equals = pair.indexOf('=');
      return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
    }),
  );

// Who is asking: the administrator by session cookie, a script by API token, or nobody. And what each may do.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createPasswordCheck, MAX_PASSWORD } from './admin-password.ts';
import type { AuthStore, Scope, StoredToken } from './auth-store.ts';
import { createLoginLimit } from './login-limit.ts';
import type { Access, Caller } from './route.ts';

export type AuthDeps = {
  readonly store: AuthStore;
  readonly password: string;
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

export type LoginResult =
  | { readonly kind: 'ok'; readonly session: string; readonly maxAgeMs: number }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly waitMs: number };

export type Auth = {
  /**
   * @param authorization the header; @param session value of the session cookie.
   * @throws ControllerError unauthenticated where a token was given that does not stand: a script must hear of it, whatever cookie it has too.
   */
  identify(authorization: string | null, session: string | null): Promise<Caller>;
  login(password: string, address: string): Promise<LoginResult>;
  logout(session: string): Promise<void>;
  /** The token itself is in the answer of this call and nowhere else. @throws ControllerError conflict where the name is taken. */
  addToken(name: string, scope: Scope): Promise<StoredToken & { readonly token: string }>;
  tokens(): Promise<readonly StoredToken[]>;
  /** @throws ControllerError not_found */
  removeToken(id: string): Promise<void>;
};

/** Those of nodes open nothing but what is shared: they are no log-in. */
export const isNodeToken = (authorization: string | null): boolean =>
  authorization !== null && /^Bearer +hgn_/i.test(authorization);

const NOBODY: Caller = { kind: 'nobody', name: 'nobody' };
const MAX_TOKENS = 200;
/** What we hand out: 256 random bits. Longer credentials are not ours and are not looked up. */
const CREDENTIAL = /^[A-Za-z0-9_-]{20,100}$/;

export function createAuth({ store, password, sessionMs, clock, log }: AuthDeps): Auth {
  const isRight = createPasswordCheck(password);
  const limit = createLoginLimit(() => clock.monotonic());
  // Keyed by the password: changing it ends every session, without a table of versions.
  const sessionDigest = (session: string): string => createHmac('sha256', password).update(session).digest('hex');
  return {
    async identify(authorization, session) {
      if (authorization !== null) {
        const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
        // The look-up is by digest, whose timing tells nothing about the token.
        const known = token !== undefined && CREDENTIAL.test(token) ? await store.findToken(tokenDigest(token)) : null;
        if (known === null) throw new ControllerError('unauthenticated', 'this API token is not known');
        return { kind: 'token', name: known.name, scope: known.scope };
      }
      if (session === null || !CREDENTIAL.test(session)) return NOBODY;
      return (await store.hasSession(sessionDigest(session), clock.now())) ? { kind: 'session', name: 'administrator' } : NOBODY;
    },
    async login(guess, address) {
      const waitMs = limit.attempt(address);
      if (waitMs > 0) return { kind: 'wait', waitMs };
      if (guess.length > MAX_PASSWORD || !(await isRight(guess))) {
        log.warn({ address }, 'wrong administrator password');
        return { kind: 'wrong' };
      }
      limit.succeeded(address);
      const session = randomBytes(32).toString('base64url');
      const now = clock.now();
      await store.addSession(sessionDigest(session), now, now + sessionMs);
      log.info({ address }, 'administrator logged in');
      return { kind: 'ok', session, maxAgeMs: sessionMs };
    },
    async logout(session) {
      if (CREDENTIAL.test(session)) await store.removeSession(sessionDigest(session));
    },
    async addToken(name, scope) {
      if ((await store.listTokens()).length >= MAX_TOKENS)
        throw new ControllerError('conflict', `there are ${MAX_TOKENS} tokens already; revoke one first`);
      const token = `hg_${randomBytes(32).toString('base64url')}`;
      const stored: StoredToken = { id: randomBytes(8).toString('hex'), name, scope, createdAt: clock.now() };
      if (!(await store.addToken(stored, tokenDigest(token))))
        throw new ControllerError('conflict', `a token named "${name}" exists already`);
      log.info({ name, scope }, 'API token made');
      return { ...stored, token };
    },
    tokens: () => store.listTokens(),
    async removeToken(id) {
      if (!(await store.removeToken(id))) throw new ControllerError('not_found', 'there is no such token');
      log.info({ id }, 'API token revoked');
    },
  };
}

/** A token has 256 random bits, so a plain digest is as good as a slow one. */
const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @throws ControllerError unauthenticated where a log-in would help, denied where it would not. */
export function demand(access: Access, caller: Caller): void {
  if (access === 'public') return;
  if (caller.kind === 'nobody')
    throw new ControllerError('unauthenticated', 'log in, or send an API token as "Authorization: Bearer …"');
  if (access === 'write' && caller.kind === 'token' && caller.scope === 'read')
    throw new ControllerError('denied', `the token "${caller.name}" may only read`);
}

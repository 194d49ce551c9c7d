// Log-in, log-out and API tokens.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { MAX_PASSWORD } from './admin-password.ts';
import type { Auth } from './auth.ts';
import { type Caller, nothing, type Route, route } from './route.ts';
import { sessionCookie, sessionIn } from './session-cookie.ts';

const tags = ['access'];
const scope = z.enum(['read', 'write']);
const tokenView = z.object({ id: z.string(), name: z.string(), scope, created_at: z.iso.datetime() });
type Stored = Awaited<ReturnType<Auth['tokens']>>[number];
const viewOf = ({ id, name, scope: of, createdAt }: Stored) => ({
  id,
  name,
  scope: of,
  created_at: new Date(createdAt).toISOString(),
});

export const authRoutes = (auth: Auth): readonly Route[] => [...sessionRoutes(auth), ...tokenRoutes(auth)];

const sessionRoutes = (auth: Auth): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/login',
    summary: 'Log in as the administrator',
    description: 'Sets the session cookie. After five wrong passwords each further attempt waits twice as long.',
    tags,
    access: 'public',
    body: z.strictObject({ password: z.string().min(1).max(MAX_PASSWORD) }),
    response: z.object({ name: z.string() }),
    async handler({ body, address, secure, reply }) {
      const result = await auth.login(body.password, address);
      if (result.kind === 'wrong') throw new ControllerError('unauthenticated', 'this is not the password');
      if (result.kind === 'wait') {
        const seconds = Math.ceil(result.waitMs / 1000);
        reply.header('Retry-After', String(seconds));
        throw new ControllerError('too_many', `too many wrong passwords; try again in ${seconds} s`);
      }
      reply.header('Set-Cookie', sessionCookie(result.session, result.maxAgeMs, secure));
      return { name: 'administrator' };
    },
  }),
  route({
    method: 'post',
    path: '/api/logout',
    summary: 'End this session',
    tags,
    access: 'public',
    response: nothing,
    async handler({ header, secure, reply }) {
      const session = sessionIn(header('cookie'), secure);
      if (session !== null) await auth.logout(session);
      reply.header('Set-Cookie', sessionCookie('', 0, secure));
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/api/me',
    summary: 'Who this request counts as',
    tags,
    access: 'public',
    response: z.object({ kind: z.enum(['nobody', 'session', 'token']), name: z.string() }),
    handler: ({ caller }) => ({ kind: caller.kind, name: caller.name }),
  }),
];

const tokenRoutes = (auth: Auth): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/tokens',
    summary: 'List API tokens',
    tags,
    access: 'read',
    response: z.object({ tokens: z.array(tokenView) }),
    handler: async () => ({ tokens: (await auth.tokens()).map(viewOf) }),
  }),
  route({
    method: 'post',
    path: '/api/tokens',
    summary: 'Make an API token',
    description: 'The token is told in this answer and never again. Only the administrator may, not another token.',
    tags,
    access: 'write',
    body: z.strictObject({ name: z.string().trim().min(1).max(64), scope: scope.default('read') }),
    response: tokenView.extend({ token: z.string() }),
    async handler({ body, caller, reply }) {
      onlyAdministrator(caller);
      const made = await auth.addToken(body.name, body.scope);
      reply.status(201);
      return { ...viewOf(made), token: made.token };
    },
  }),
  route({
    method: 'delete',
    path: '/api/tokens/:id',
    summary: 'Revoke an API token',
    tags,
    access: 'write',
    params: z.object({ id: z.string().max(64) }),
    response: nothing,
    async handler({ params, caller }) {
      onlyAdministrator(caller);
      await auth.removeToken(params.id);
      return undefined;
    },
  }),
];

/** A token that leaked must not be able to make itself a successor. */
function onlyAdministrator(caller: Caller): void {
  if (caller.kind !== 'session')
    throw new ControllerError('denied', 'only the administrator may change tokens; log in with the password');
}

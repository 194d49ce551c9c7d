// Log-ins of users over HTTP: given, shown without their tokens, taken back.
import { z } from 'zod';
import { type Route, route } from '../../http/route.ts';
import type { KeptLogIn } from './log-in-store.ts';
import type { LogIns } from './user-log-ins.ts';

const tags = ['sync'];
const serverName = z.string().min(1).max(64);

const logInView = z.object({
  server: z.string(),
  user_id: z.string(),
  username: z.string(),
  since: z.string().meta({ format: 'date-time' }),
});

const view = ({ server, userId, userName, atMs }: KeptLogIn): z.input<typeof logInView> => ({
  ...{ server, user_id: userId, username: userName },
  since: new Date(atMs).toISOString(),
});

const done = z.object({ success: z.boolean(), message: z.string() });

export const logInRoutes = (logIns: LogIns): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/log-ins',
    summary: 'Users who let us act for them where an API key may not',
    tags,
    access: 'read',
    response: z.array(logInView),
    handler: () => logIns.all().map(view),
  }),
  route({
    method: 'post',
    path: '/api/log-ins',
    summary: 'Logs a user in by their password, which is not kept',
    description:
      'A key may not rename playlists, nor order them on Jellyfin 10.10; and a user’s own socket tells of changes at once.',
    tags,
    access: 'write',
    body: z.strictObject({ server: serverName, name: z.string().min(1).max(255), password: z.string().max(1_024) }),
    response: logInView,
    handler: async ({ body: { server, ...user }, signal }) => view(await logIns.byPassword(server, user, signal)),
  }),
  ...quickConnectRoutes(logIns),
  route({
    method: 'delete',
    path: '/api/log-ins/:server/:user_id',
    summary: 'Makes a log-in void and forgets it',
    tags,
    access: 'write',
    params: z.strictObject({ server: serverName, user_id: z.string().min(1).max(64) }),
    response: done,
    async handler({ params: { server, user_id: userId }, signal }) {
      await logIns.revoke(server, userId, signal);
      return { success: true, message: 'forgotten' };
    },
  }),
];

const quickConnectRoutes = (logIns: LogIns): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/log-ins/quick-connect',
    summary: 'Begins a Quick Connect: the user types the code into a client where they are logged in',
    tags,
    access: 'write',
    body: z.strictObject({ server: serverName }),
    response: z.object({ id: z.string(), code: z.string() }),
    handler: ({ body: { server }, signal }) => logIns.beginQuickConnect(server, signal),
  }),
  route({
    method: 'post',
    path: '/api/log-ins/quick-connect/:id',
    summary: 'Whether the user has typed the code; once they have, they are logged in',
    tags,
    access: 'write',
    params: z.strictObject({ id: z.uuid() }),
    response: z.object({ log_in: logInView.nullable().describe('Null: not yet.') }),
    async handler({ params: { id }, signal }) {
      const logIn = await logIns.endQuickConnect(id, signal);
      return { log_in: logIn === null ? null : view(logIn) };
    },
  }),
];

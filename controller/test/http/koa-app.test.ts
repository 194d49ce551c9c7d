// What the log says of requests.
import t from 'tap';
import { z } from 'zod';
import { route } from '../../src/http/route.ts';
import { type Log, silentLog } from '../../src/log.ts';
import { call, serve } from './serve.ts';

t.test('row 88: each request leaves one line with its outcome, and its query stays out of it', async (t) => {
  const lines: unknown[] = [];
  const log: Log = { ...silentLog, debug: (fields, text) => lines.push({ ...fields, text }), child: () => log };
  const shared = { method: 'get', summary: 'x', tags: [], access: 'public', response: z.string() } as const;
  const routes = [
    route({ ...shared, path: '/well', handler: () => 'fine' }),
    route({ ...shared, path: '/ill', handler: () => Promise.reject(new Error('broken')) }),
  ];
  const { url } = await serve(t, { routes, log });
  for (const path of ['/well?key=secret', '/ill', '/nowhere']) await call(`${url}${path}`);
  t.match(lines, [
    { text: 'request', method: 'GET', path: '/well', status: 200, ms: Number },
    { path: '/ill', status: 500 },
    { path: '/nowhere', status: 404 },
  ]);
  t.equal(lines.length, 3);
  t.notMatch(JSON.stringify(lines), /secret/);
});

// What the log says of requests.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
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

t.test('a caller who hangs up in the middle of a request is no fault of ours', async (t) => {
  const [faults, lines]: [string[], unknown[]] = [[], []];
  const log: Log = {
    ...silentLog,
    error: (_fields, text) => void faults.push(text),
    debug: (fields) => void lines.push(fields),
    child: () => log,
  };
  const shared = { method: 'post', path: '/take', summary: 'x', tags: [], access: 'public', response: z.string() } as const;
  const routes = [route({ ...shared, body: z.object({}), handler: () => 'taken' })];
  const { url } = await serve(t, { routes, log });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = 'content-type: application/json\r\ncontent-length: 100';
  socket.write(`POST /take HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n{"half":`);
  await wait(100);
  socket.destroy();
  const isSaid = () => JSON.stringify(lines).includes('/take');
  for (let tries = 0; !isSaid() && tries < 100; tries += 1) await wait(20);
  t.ok(isSaid());
  t.same(faults, []);
});

// What machines ask, over real HTTP.
import t from 'tap';
import { createMetrics } from '../../src/http/metrics.ts';
import { probeRoutes, type ReadyCheck } from '../../src/http/probe-routes.ts';
import { bearer, call, serve } from './serve.ts';

const dead: ReadyCheck = {
  name: 'jellyfin main',
  isRequired: true,
  ok: false,
  problem: 'http://10.0.0.5 does not answer',
  since: Date.UTC(2026, 0, 1),
};
const fine: ReadyCheck = { name: 'database', isRequired: true, ok: true, problem: null, since: 0 };
const there = async (): Promise<void> => undefined;
const probes = (checks: readonly ReadyCheck[], metricsAccess: 'token' | 'public' = 'token', storeIsThere = there) =>
  probeRoutes({
    version: '1.2.3',
    ready: () => checks,
    now: () => Date.UTC(2026, 0, 1, 0, 1),
    metrics: createMetrics(),
    metricsAccess,
    storeIsThere,
  });

t.test('alive is not ready', async (t) => {
  const { url } = await serve(t, { routes: probes([fine, dead]) });
  t.match(await call(`${url}/healthz`), { status: 200, json: { status: 'ok', version: '1.2.3' } });
  t.match(await call(`${url}/readyz`), {
    status: 503,
    json: {
      ready: false,
      checks: [
        { name: 'database', ok: true },
        { name: 'jellyfin main', ok: false, problem: /does not answer/, since: '2026-01-01T00:00:00.000Z' },
      ],
    },
  });
  const ready = await serve(t, { routes: probes([fine]) });
  t.match(await call(`${ready.url}/readyz`), { status: 200, json: { ready: true } });
});

t.test('row 273: a server that is away is listed with its age, and requests are still taken in', async (t) => {
  const { url } = await serve(t, { routes: probes([fine, { ...dead, isRequired: false }]) });
  t.match(await call(`${url}/readyz`), {
    status: 200,
    json: {
      ready: true,
      checks: [
        { name: 'database', ok: true, required: true },
        { ok: false, required: false, age_seconds: 60 },
      ],
    },
  });
});

t.test('strangers learn that something is wrong, but not what', async (t) => {
  const { auth, url } = await serve(t, { routes: probes([dead]), trustedProxies: ['127.0.0.1/32'] });
  const far = { 'x-forwarded-for': '203.0.113.9' };
  t.match(await call(`${url}/readyz`, { headers: far }), { status: 503, json: { checks: [{ ok: false, problem: null }] } });
  const known = { ...far, ...(await bearer(auth, 'read')) };
  t.match(await call(`${url}/readyz`, { headers: known }), { json: { checks: [{ problem: /does not answer/ }] } });
});

t.test('numbers need a token unless they are made public', async (t) => {
  const closed = await serve(t, { routes: probes([]) });
  t.equal((await call(`${closed.url}/metrics`)).status, 401);
  const answer = await call(`${closed.url}/metrics`, { headers: await bearer(closed.auth, 'read') });
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const open = await serve(t, { routes: probes([], 'public') });
  t.equal((await call(`${open.url}/metrics`)).status, 200);
});

t.test('rows 104, 105: what answers here; /health is another name of /healthz, and fails with the store', async (t) => {
  const { url } = await serve(t, { routes: probes([]) });
  t.match(await call(`${url}/api`), { status: 200, json: { name: 'Headgate', version: '1.2.3' } });
  t.match(await call(`${url}/health`), { status: 200, json: { status: 'ok', version: '1.2.3' } });
  const gone = await serve(t, { routes: probes([], 'token', () => Promise.reject(new Error('no such folder'))) });
  for (const path of ['/health', '/healthz'])
    t.match(await call(`${gone.url}${path}`), { status: 503, json: { status: 'store_gone' } });
});

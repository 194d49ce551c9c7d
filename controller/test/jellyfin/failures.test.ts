// What a person and a health state make of an answer that is none.
import t from 'tap';
import { ControllerError } from '../../src/errors.ts';
import { explainFailure } from '../../src/http-client/explain-failure.ts';
import { bodyFailure, statusFailure } from '../../src/jellyfin/failures.ts';
import { failureKind } from '../../src/neighbours/server-failure.ts';
import { serverHealth } from '../../src/neighbours/server-health.ts';

t.test('statuses', async (t) => {
  const cases: readonly [number, string, string][] = [
    [401, 'upstream_refused', 'refused'],
    [403, 'denied', 'failed'],
    [404, 'not_found', 'failed'],
    [503, 'upstream_unreachable', 'starting'],
    [502, 'upstream_unreachable', 'gone'],
    [504, 'upstream_unreachable', 'gone'],
    [302, 'upstream_failed', 'failed'],
    [400, 'upstream_failed', 'failed'],
    [500, 'upstream_failed', 'failed'],
  ];
  for (const [status, code, kind] of cases) {
    const error = statusFailure('Jellyfin "main"', 'GET /Users', status);
    t.match(error, { code, message: /^Jellyfin "main"/ }, `${status}`);
    t.equal(failureKind(error), kind, `${status} is ${kind}`);
  }
  t.match(statusFailure('x', 'GET /Users', 401).message, /API key is not accepted.*Dashboard/);
});

t.test('what lies below HTTP', async (t) => {
  const kind = (code: string) => failureKind(explainFailure('main', Object.assign(new Error('low level text'), { code })));
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET']) t.equal(kind(code), 'gone', code);
  for (const code of ['EHOSTUNREACH', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ODD']) {
    t.equal(kind(code), 'unreachable', code);
  }
  t.equal(failureKind(new ControllerError('timeout', 'x')), 'unreachable');
  t.equal(failureKind(new ControllerError('upstream_unreachable', 'x')), 'unreachable');
  t.equal(failureKind(new TypeError('a fault of ours')), 'failed');
});

t.test('a camelCase answer is the start-up server, another one a stranger', async (t) => {
  const starting = bodyFailure('x', 'GET /System/Info/Public', {
    body: { version: '12.0.0', serverName: 'vm' },
    detail: 'Version',
  });
  t.equal(failureKind(starting), 'starting');
  t.equal(failureKind(bodyFailure('x', 'GET /Users', { body: { hello: 1 }, detail: 'the whole' })), 'failed');
  t.equal(failureKind(bodyFailure('x', 'GET /Users', { body: undefined, detail: 'no JSON' })), 'failed');
});

t.test('one state of health for each situation', async (t) => {
  const ok = { outcome: 'ok', failure: null, silentForMs: 0, socket: 'live', socketPath: '/socket' } as const;
  t.same(serverHealth(ok), { state: 'live', problem: null });
  t.same(serverHealth({ ...ok, socket: 'unwanted' }), { state: 'polling', problem: null }, 'a plain poller has no problem');
  t.match(serverHealth({ ...ok, socket: 'down' }), { state: 'polling', problem: /cannot be opened/ });
  t.match(serverHealth({ ...ok, socket: 'mute' }), { state: 'polling', problem: /says nothing/ });
  const bad = { ...ok, failure: 'why' };
  t.same(serverHealth({ ...bad, outcome: 'refused' }), { state: 'refused', problem: 'why' });
  t.same(serverHealth({ ...bad, outcome: 'starting', silentForMs: 1e9 }), { state: 'starting', problem: 'why' });
  t.same(
    serverHealth({ ...bad, outcome: 'gone', silentForMs: 3000 }),
    { state: 'starting', problem: 'why' },
    'between two stages',
  );
  t.same(serverHealth({ ...bad, outcome: 'gone', silentForMs: 61_000 }), { state: 'unreachable', problem: 'why' });
  t.same(serverHealth({ ...bad, outcome: 'gone', silentForMs: Number.POSITIVE_INFINITY }), {
    state: 'unreachable',
    problem: 'why',
  });
  t.same(serverHealth({ ...bad, outcome: 'unreachable' }), { state: 'unreachable', problem: 'why' });
  t.same(serverHealth({ ...bad, outcome: 'failed' }), { state: 'unreachable', problem: 'why' });
});

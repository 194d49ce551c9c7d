// What a person and a health state make of an answer that is none.
import t from 'tap';
import { ControllerError } from '../../src/errors.ts';
import { bodyFailure, failureKind, statusFailure, transportFailure } from '../../src/jellyfin/failures.ts';
import { serverHealth } from '../../src/jellyfin/server-health.ts';

const coded = (code: string) => Object.assign(new Error('low level text'), { code });

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
  const cases: readonly [unknown, string, string][] = [
    [coded('ECONNREFUSED'), 'upstream_unreachable', 'gone'],
    [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'upstream_unreachable', 'gone'],
    [coded('UND_ERR_SOCKET'), 'upstream_unreachable', 'gone'],
    [coded('EHOSTUNREACH'), 'upstream_unreachable', 'unreachable'],
    [coded('ENOTFOUND'), 'upstream_unreachable', 'unreachable'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'timeout', 'unreachable'],
    [new DOMException('time is up', 'TimeoutError'), 'timeout', 'unreachable'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'upstream_unreachable', 'unreachable'],
    [new Error('odd'), 'upstream_unreachable', 'unreachable'],
  ];
  for (const [below, code, kind] of cases) {
    const error = transportFailure('Jellyfin "main"', below);
    t.match(error, { code, cause: below });
    t.equal(failureKind(error), kind);
  }
  t.match(transportFailure('x', coded('DEPTH_ZERO_SELF_SIGNED_CERT')), { message: /pin its SHA-256/ });
  const abort = new DOMException('stop', 'AbortError');
  t.equal(transportFailure('x', abort), abort, 'an abort is an end, not a failure');
  const own = new ControllerError('upstream_failed', 'as it was');
  t.equal(transportFailure('x', own), own);
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
  const ok = { outcome: 'ok', failure: null, silentForMs: 0, socket: 'live' } as const;
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

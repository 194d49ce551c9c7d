// What a person and a health state make of a Plex's answer that is none.
import t from 'tap';
import { failureKind } from '../../src/neighbours/server-failure.ts';
import { bodyFailure, notPlex, statusFailure } from '../../src/plex/failures.ts';

t.test('statuses', async (t) => {
  const cases: readonly [number, string, string][] = [
    [401, 'upstream_refused', 'refused'],
    [403, 'upstream_refused', 'refused'],
    [404, 'not_found', 'failed'],
    [503, 'upstream_unreachable', 'starting'],
    [502, 'upstream_unreachable', 'gone'],
    [504, 'upstream_unreachable', 'gone'],
    [302, 'upstream_failed', 'failed'],
    [500, 'upstream_failed', 'failed'],
  ];
  for (const [status, code, kind] of cases) {
    const error = statusFailure('Plex "cinema"', 'GET /status/sessions', status);
    t.match(error, { code, message: /^Plex "cinema"/ }, `${status}`);
    t.equal(failureKind(error), kind, `${status} is ${kind}`);
  }
  t.match(statusFailure('x', 'GET /', 401).message, /token was refused.*owner.*are kept/);
});

t.test('bodies', async (t) => {
  t.match(bodyFailure('x', 'GET /', '<?xml version="1.0"?><MediaContainer size="0"/>', '').message, /XML.*Accept/);
  t.match(bodyFailure('x', 'GET /', '<html>', 'no JSON').message, /not as Plex does: no JSON/);
  t.match(notPlex('x', '<MediaContainer size="0"/>', 200).message, /XML/);
  t.match(notPlex('x', '<html>', 404).message, /no Plex Media Server.*404.*url/);
});

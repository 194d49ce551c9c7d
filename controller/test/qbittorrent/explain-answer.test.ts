// Both styles of log-in, and what other statuses mean.
import t from 'tap';
import { failureOf, logInOutcome } from '../../src/qbittorrent/explain-answer.ts';

t.test('a log-in is read by status and body, old and new style', async (t) => {
  t.equal(logInOutcome(200, 'Ok.'), 'welcome');
  t.equal(logInOutcome(200, 'Ok.\n'), 'welcome');
  t.equal(logInOutcome(204, ''), 'welcome');
  t.equal(logInOutcome(200, 'Fails.'), 'wrong password');
  t.equal(logInOutcome(401, 'Unauthorized'), 'wrong password');
  t.equal(logInOutcome(403, 'Your IP address has been banned after too many failed authentication attempts.'), 'banned');
  t.equal(logInOutcome(200, '<!DOCTYPE html>'), 'not qBittorrent');
  t.equal(logInOutcome(404, 'Not Found'), 'not qBittorrent');
  t.equal(logInOutcome(502, 'Bad Gateway'), 'not qBittorrent');
});

t.test('other statuses get a code and a sentence', async (t) => {
  const cases: readonly [number, string | undefined, RegExp][] = [
    [200, undefined, /^$/],
    [204, undefined, /^$/],
    [301, 'upstream_failed', /redirects/],
    [400, 'upstream_failed', /400/],
    [401, 'upstream_refused', /same port outside and inside the container/],
    [404, 'upstream_failed', /base path/],
    [405, 'upstream_failed', /405/],
    [502, 'upstream_unreachable', /502/],
  ];
  for (const [status, code, sentence] of cases) {
    const failure = failureOf('qbit', 'transfer/info', status);
    t.equal(failure?.code, code, String(status));
    t.match(failure?.message ?? '', sentence, String(status));
  }
});

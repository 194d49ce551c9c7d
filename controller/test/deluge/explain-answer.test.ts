// Statuses and error codes, as the real 2.0.3 said them.
import t from 'tap';
import { httpFailure, isLoggedOut, rpcFailure } from '../../src/deluge/explain-answer.ts';

t.test('only code 1 asks for a log-in', async (t) => {
  t.ok(isLoggedOut({ code: 1, message: 'Not authenticated' }));
  t.notOk(isLoggedOut({ code: 2, message: 'Unknown method' }));
});

t.test('an error gets a code and a sentence by where it arose', async (t) => {
  const gone = "AttributeError: 'NoneType' object has no attribute 'send_request'";
  const wrapped = "Failure: [Failure instance: Traceback (failure with no frames): <class 'deluge.error.";
  const cases: readonly [string, number, string, string, RegExp][] = [
    ['core.get_config_values', 2, 'Unknown method', 'upstream_unreachable', /not connected to a daemon/],
    ['daemon.get_version', 2, 'Unknown method', 'upstream_unreachable', /not connected to a daemon/],
    ['core.set_config', 3, gone, 'upstream_unreachable', /not connected to a daemon/],
    ['web.connected', 2, 'Unknown method', 'upstream_failed', /web\.connected with error 2: Unknown method/],
    ['core.set_config', 4, `${wrapped}NotAuthorizedError'>: Auth level too low: 0 < 5\n]`, 'upstream_refused', /higher level/],
    [
      'core.set_config',
      4,
      `${wrapped}WrappedException'>: no float: 'abc'\nTraceback …`,
      'upstream_failed',
      /error 4: no float: 'abc'$/,
    ],
    ['web.connected', 5, 'JSONException: JSON not decodable', 'upstream_failed', /error 5: JSONException: JSON not decodable$/],
    ['auth.login', 5, "Invalid JSON request in {'params': ['secret']}", 'upstream_failed', /auth\.login with error 5$/],
    ['web.connected', 9, '', 'upstream_failed', /error 9$/],
  ];
  for (const [method, code, message, expected, sentence] of cases) {
    const failure = rpcFailure('deluge', method, { code, message });
    t.equal(failure.code, expected, `${method} ${code}`);
    t.match(failure.message, sentence);
  }
});

t.test('what is no JSON-RPC at all is told by its status', async (t) => {
  t.equal(httpFailure('deluge', 200), null);
  const cases: readonly [number, string, RegExp][] = [
    [302, 'upstream_failed', /redirects/],
    [404, 'upstream_failed', /base path/],
    [405, 'upstream_failed', /405/],
    [502, 'upstream_unreachable', /502/],
  ];
  for (const [status, code, sentence] of cases) t.match(httpFailure('deluge', status), { code, message: sentence });
});

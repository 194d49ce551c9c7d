// Statuses of Transmission and of what may stand before it.
import t from 'tap';
import { failureOf } from '../../src/transmission/explain-answer.ts';

t.test('each status gets a code and a sentence that says what to do', async (t) => {
  const cases: readonly [number, string, string | undefined, RegExp][] = [
    [200, '{}', undefined, /^$/],
    [301, '', 'upstream_failed', /redirects us: give the URL where it ends up/],
    [403, '<p>Unauthorized IP Address.</p>', 'upstream_refused', /seedbox does not let our address in: add it to rpc-whitelist$/],
    [403, '<p>Too many unsuccessful login attempts.', 'upstream_refused', /^seedbox has locked everybody out/],
    [403, '<h1>403: Forbidden</h1>', 'upstream_refused', /rpc-whitelist; or it has locked everybody out/],
    [404, '', 'upstream_failed', /base path/],
    [405, '', 'upstream_failed', /no Transmission RPC/],
    [421, '', 'upstream_refused', /rpc-host-whitelist/],
    [400, '', 'upstream_failed', /400/],
    [502, '', 'upstream_unreachable', /502/],
  ];
  for (const [status, body, code, sentence] of cases) {
    const failure = failureOf('seedbox', status, body);
    t.equal(failure?.code, code, String(status));
    t.match(failure?.message ?? '', sentence, String(status));
  }
});

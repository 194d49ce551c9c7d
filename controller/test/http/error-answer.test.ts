// Errors as HTTP answers.
import t from 'tap';
import { ControllerError, type ErrorCode } from '../../src/errors.ts';
import { errorAnswer, RequestError } from '../../src/http/error-answer.ts';

t.test('each code has its status, and its sentence is told', async (t) => {
  const cases: readonly (readonly [ErrorCode, number])[] = [
    ['input_invalid', 400],
    ['unauthenticated', 401],
    ['denied', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['locked', 423],
    ['too_many', 429],
    ['upstream_unreachable', 502],
    ['upstream_refused', 502],
    ['upstream_failed', 502],
    ['storage_failed', 503],
    ['timeout', 504],
  ];
  for (const [code, status] of cases)
    t.same(
      errorAnswer(new ControllerError(code, 'a sentence')),
      { status, body: { error: { code, message: 'a sentence' } }, isFault: false },
      code,
    );
});

t.test('what is not meant for a person never leaves', async (t) => {
  for (const error of [
    new Error('select * from secrets'),
    new ControllerError('config_invalid', '/etc/path'),
    'text',
    null,
    { status: 200, message: 'x' },
  ]) {
    const answer = errorAnswer(error);
    t.equal(answer.status, 500);
    t.ok(answer.isFault);
    t.notMatch(JSON.stringify(answer), /secrets|path|text/);
  }
});

t.test('several wrong fields are a list too', async (t) => {
  t.same(errorAnswer(new ControllerError('input_invalid', 'a: x; b: y')).body.error.details, ['a: x', 'b: y']);
});

t.test('requests that are wrong in themselves, and those cut off by our end', async (t) => {
  t.match(errorAnswer(new RequestError(413, 'input_invalid', 'too large')), { status: 413, isFault: false });
  t.match(errorAnswer(AbortSignal.abort().reason), { status: 503, body: { error: { code: 'stopping' } } });
  t.match(errorAnswer(new URIError('%zz')), { status: 400 });
});

// What a neighbour answers is checked at the door, and a failure names the field but quotes nothing.
import { inspect } from 'node:util';
import t from 'tap';
import { z } from 'zod';
import { ControllerError } from '../../src/errors.ts';
import { decodeJson } from '../../src/http-client/decode-answer.ts';

const limits = z.object({ up_limit: z.number(), mode: z.enum(['normal']) });
const failure = (text: string): ControllerError => {
  try {
    decodeJson(limits, text, 'qbit app/preferences');
  } catch (error) {
    if (error instanceof ControllerError) return error;
  }
  throw new Error('no ControllerError');
};

t.test('a checked value comes out, without what nobody asked for', async (t) => {
  t.same(decodeJson(limits, '{"up_limit":1,"mode":"normal","proxy_password":"hunter2"}', 'qbit'), {
    up_limit: 1,
    mode: 'normal',
  });
});

t.test('a failure names the request and the field, and never shows what was in the answer', async (t) => {
  const cases: readonly [string, RegExp][] = [
    ['{"up_limit":1,"mode":"hunter2"}', /qbit app\/preferences: .*mode/s],
    ['{"up_limit":"hunter2","mode":"normal"}', /up_limit/],
    ['{"up_limit":1,"proxy_password":"hunter2",,}', /did not answer with JSON/],
    ['hunter2', /did not answer with JSON/],
    ['', /did not answer with JSON/],
    ['null', /expected object/],
  ];
  for (const [text, sentence] of cases) {
    const error = failure(text);
    t.equal(error.code, 'upstream_failed', text);
    t.match(error.message, sentence);
    t.notMatch(inspect(error, { depth: 9 }), /hunter2/);
  }
});

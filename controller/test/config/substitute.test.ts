// Environment variables in configuration values.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what a configuration holds
import t from 'tap';
import { substitute } from '../../src/config/substitute.ts';

const env = { KEY: 'k1', EMPTY: '', DOLLAR: '${KEY}' };

t.test('variables are filled in, fall back, and can be escaped', async (t) => {
  const cases = [
    ['${KEY}', 'k1'],
    ['a${KEY}b${KEY}', 'ak1bk1'],
    ['${MISSING:-x y}', 'x y'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY}', ''],
    ['${MISSING:-}', ''],
    ['$${KEY}', '${KEY}'],
    ['$KEY and $ and 5$', '$KEY and $ and 5$'],
    ['${DOLLAR}', '${KEY}'],
  ] as const;
  for (const [written, meant] of cases) t.match(substitute(written, env), { ok: meant }, written);
});

t.test('what is missing or malformed is told by name', async (t) => {
  t.same(substitute('${NOPE} ${KEY} ${GONE}', env), {
    problem: 'environment variable NOPE is not set; environment variable GONE is not set',
  });
  for (const written of ['${a b}', '${}', '${KEY', '${1X}'])
    t.match(substitute(written, env), { problem: /is not a variable/ }, written);
  t.match(substitute('${toString}', env), { problem: /toString is not set/ }, 'an inherited property is no variable');
});

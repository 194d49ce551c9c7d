// Any value as bounded JSON.
import t from 'tap';
import { secretOf } from '../../src/config/secret.ts';
import { ControllerError } from '../../src/errors.ts';
import { plainValue } from '../../src/logging/plain-value.ts';

const mask = (text: string): string => text.replaceAll('geheim', '***');
const plain = (value: unknown) => plainValue(value, mask);

t.test('values that JSON has no form for are named', async (t) => {
  t.same(
    plain({
      a: 1n,
      b: undefined,
      c: () => 1,
      d: Number.NaN,
      e: new Date(0),
      f: new Uint8Array(3),
      g: new Map([['k', 1]]),
      h: new Set([1]),
      i: new URL('http://x/?q=geheim'),
    }),
    {
      a: '1',
      b: null,
      c: '[function]',
      d: 'NaN',
      e: '1970-01-01T00:00:00.000Z',
      f: '[3 bytes]',
      g: { k: 1 },
      h: [1],
      i: 'http://x/?q=***',
    },
  );
});

t.test('secrets are masked at any depth', async (t) => {
  t.same(plain({ a: [{ b: 'x geheim' }], password: 'p', s: secretOf('geheim') }), {
    a: [{ b: 'x ***' }],
    password: '***',
    s: '[secret]',
  });
});

t.test('errors keep code, message and cause; only unexpected ones show a stack', async (t) => {
  const error = new ControllerError('timeout', 'no answer from geheim', { cause: new Error('below geheim') });
  const shown = plain({ error }) as { error: { stack?: string; cause: { stack?: string } } };
  t.match(shown, {
    error: { name: 'ControllerError', code: 'timeout', message: 'no answer from ***', cause: { message: 'below ***' } },
  });
  t.equal(shown.error.stack, undefined);
  t.match(shown.error.cause.stack, /plain-value\.test/);
});

t.test('cycles, depth, length and number are bounded', async (t) => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  t.match(JSON.stringify(plain(cycle)), /\[deeper\]/);
  t.equal((plain('x'.repeat(10_000)) as string).length, 4_001);
  t.same((plain(Array(300).fill(1)) as unknown[]).at(-1), '[200 more]');
  t.equal(Object.keys(plain(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [n, n]))) as object).length, 100);
});

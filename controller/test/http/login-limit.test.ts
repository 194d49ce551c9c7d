// Guessing becomes slow; the owner is not locked out.
import t from 'tap';
import { createLoginLimit } from '../../src/http/login-limit.ts';

function limit() {
  let now = 0;
  const { attempt, succeeded } = createLoginLimit(() => now);
  return { attempt, succeeded, pass: (ms: number): number => (now += ms) };
}

t.test('five are free, then each wait is twice the last, up to a quarter of an hour', async (t) => {
  const { attempt, pass } = limit();
  for (let n = 0; n < 5; n++) t.equal(attempt('1.2.3.4'), 0);
  const waits: number[] = [];
  for (let n = 0; n < 12; n++) {
    const wait = attempt('1.2.3.4');
    waits.push(wait);
    t.equal(attempt('1.2.3.4'), wait, 'asking again during the wait changes nothing');
    pass(wait);
    t.equal(attempt('1.2.3.4'), 0);
  }
  t.same(waits.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
  t.equal(waits.at(-1), 900_000);
});

t.test('another address is not held back, the right password forgets, and so does an hour', async (t) => {
  const { attempt, succeeded, pass } = limit();
  for (let n = 0; n < 6; n++) attempt('1.2.3.4');
  t.ok(attempt('1.2.3.4') > 0);
  t.equal(attempt('5.6.7.8'), 0);
  succeeded('1.2.3.4');
  t.equal(attempt('1.2.3.4'), 0);
  for (let n = 0; n < 6; n++) attempt('9.9.9.9');
  pass(3_600_001);
  t.equal(attempt('9.9.9.9'), 0);
});

t.test('many addresses together wait at most five seconds', async (t) => {
  const { attempt, pass } = limit();
  for (let n = 0; n < 50; n++) t.equal(attempt(`10.0.0.${n}`), 0);
  for (let n = 0; n < 20; n++) {
    const wait = attempt(`10.0.1.${n}`);
    t.ok(wait > 0 && wait <= 5_000, String(wait));
    pass(wait);
    attempt(`10.0.1.${n}`);
  }
});

t.test('an IPv6 network of one customer counts as one', async (t) => {
  const { attempt } = limit();
  for (let n = 0; n < 6; n++) attempt(`2001:db8:1:2::${n}`);
  t.ok(attempt('2001:db8:1:2:aaaa:bbbb:cccc:dddd') > 0);
  t.equal(attempt('2001:db8:1:3::1'), 0);
  t.equal(attempt('2001:db8::1'), 0);
});

// The brake on guessing passwords.
import t from 'tap';
import { createLoginThrottle } from '../../src/broker/login-throttle.ts';

t.test('five failures are free, then the wait doubles up to five minutes', async (t) => {
  const throttle = createLoginThrottle();
  const waits = [];
  let now = 0;
  for (let i = 0; i < 16; i += 1) {
    throttle.failed('10.0.0.9', 'attic', now);
    const wait = throttle.waitMs('10.0.0.9', 'attic', now);
    waits.push(wait / 1_000);
    now += wait;
  }
  t.same(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

t.test('only that user at that address waits', async (t) => {
  const throttle = createLoginThrottle();
  for (let i = 0; i < 9; i += 1) throttle.failed('10.0.0.9', 'attic', 0);
  t.equal(throttle.waitMs('10.0.0.9', 'cellar', 0), 0);
  t.equal(throttle.waitMs('10.0.0.8', 'attic', 0), 0);
  t.ok(throttle.waitMs('10.0.0.9', 'attic', 0) > 0);
});

t.test('a success, or a quarter of an hour of quiet, forgets', async (t) => {
  const throttle = createLoginThrottle();
  for (const name of ['a', 'b']) for (let i = 0; i < 9; i += 1) throttle.failed('x', name, 0);
  throttle.succeeded('x', 'a');
  t.equal(throttle.waitMs('x', 'a', 0), 0);
  t.equal(throttle.waitMs('x', 'b', 900_001), 0);
});

t.test('its memory is bounded', async (t) => {
  const throttle = createLoginThrottle();
  for (let i = 0; i < 9; i += 1) throttle.failed('first', 'a', 0);
  for (let i = 0; i < 1_000; i += 1) throttle.failed(`address ${i}`, 'a', 0);
  t.equal(throttle.waitMs('first', 'a', 0), 0, 'the oldest is forgotten');
});

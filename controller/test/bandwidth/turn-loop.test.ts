// Rows 1, 190: turns each second, at once when something changed, never a storm of them.
import t from 'tap';
import { createTurnLoop } from '../../src/bandwidth/turn-loop.ts';
import { silentLog } from '../../src/log.ts';
import { createFakeClock } from './fixtures/fake-clock.ts';

function start(turn: () => void = () => {}) {
  const clock = createFakeClock();
  const loop = createTurnLoop(clock, silentLog);
  const turns: number[] = [];
  const stop = new AbortController();
  const began = clock.monotonic();
  const running = loop.run(() => {
    turns.push(clock.monotonic() - began);
    turn();
  }, stop.signal);
  return { clock, loop, turns, stop, running };
}

t.test('row 1: ten seconds are ten turns and the first, without drift', async (t) => {
  const { clock, turns, stop, running } = start();
  await clock.advance(10_000);
  t.equal(turns.length, 11);
  t.ok(
    turns.every((at, i) => Math.abs(at - i * 1_000) <= 50),
    turns.join(),
  );
  stop.abort();
  await running;
});

t.test('a change is a turn within 30 ms; a storm of changes is one turn each 25 ms', async (t) => {
  const { clock, loop, turns, stop, running } = start();
  await clock.advance(500);
  loop.wake();
  await clock.advance(30);
  t.equal(turns.length, 2);
  const before = turns.length;
  for (let ms = 0; ms < 1_000; ms += 1) {
    loop.wake();
    await clock.advance(1);
  }
  t.ok(turns.length - before <= 41, `${turns.length - before} turns in a second`);
  t.ok(turns.length - before >= 30, 'but it does turn');
  stop.abort();
  await running;
});

t.test('a change during a turn makes another', async (t) => {
  const wakes: (() => void)[] = [];
  const { clock, loop, turns, stop, running } = start(() => wakes.pop()?.());
  wakes.push(loop.wake);
  await clock.advance(1_040);
  t.equal(turns.length, 3, 'the first, the one after a second, and the one that it asked for');
  stop.abort();
  await running;
});

t.test('a turn that fails does not end the loop; a stop does, at once', async (t) => {
  const { clock, turns, stop, running } = start(() => {
    throw new Error('a bug');
  });
  await clock.advance(3_000);
  t.equal(turns.length, 4);
  stop.abort();
  await running;
  t.equal(turns.length, 4);
});

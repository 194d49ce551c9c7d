// The small parts that wait: turns, the bell, and the offset of a server's clock.
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { createClockOffset } from '../../src/jellyfin/clock-offset.ts';
import { createBell } from '../../src/neighbours/bell.ts';
import { createTurns } from '../../src/neighbours/turns.ts';

const NEVER = new AbortController().signal;

t.test('turns: so many at once, in order, and no place is lost', async (t) => {
  const turns = createTurns(2);
  const order: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  let running = 0;
  const work = (n: number) => async () => {
    order.push(n);
    running += 1;
    t.ok(running <= 2);
    await gates[n]?.promise;
    running -= 1;
    if (n === 1) throw new Error('one');
    return n;
  };
  const stop = new AbortController();
  const all = [0, 1, 2, 3, 4].map((n) => turns.take(n === 3 ? stop.signal : NEVER, work(n)));
  const failed = t.rejects(Promise.all([all[1]]), { message: 'one' });
  const left = t.rejects(Promise.all([all[3]]), { name: 'AbortError' });
  stop.abort();
  for (const gate of gates) gate.resolve();
  await Promise.all([failed, left, all[0], all[2], all[4]]);
  t.same(order, [0, 1, 2, 4]);
  t.ok(turns.idle);
  t.equal(await turns.take(NEVER, async () => 'free'), 'free');
  await t.rejects(
    turns.take(AbortSignal.abort(), async () => 'never'),
    { name: 'AbortError' },
  );
});

t.test('a bell ends the wait of now, or the next one', async (t) => {
  const bell = createBell(systemClock);
  const waiting = bell.wait(60_000, NEVER);
  bell.ring();
  t.equal(await waiting, 'rung');
  bell.ring();
  bell.ring();
  t.equal(await bell.wait(60_000, NEVER), 'rung', 'rung while nobody waited');
  t.equal(await bell.wait(5, NEVER), 'over', 'once only');
  const stop = new AbortController();
  const stopped = bell.wait(60_000, stop.signal);
  stop.abort();
  await t.rejects(stopped, { name: 'AbortError' });
  await t.rejects(bell.wait(1, stop.signal), { name: 'AbortError' });
});

t.test('the offset of a clock by the Date header', async (t) => {
  const offset = createClockOffset({ ...systemClock, now: () => Date.parse('2026-11-21T12:00:00Z') });
  t.equal(offset.ms(), 0);
  offset.note('Sat, 21 Nov 2026 13:00:00 GMT');
  t.equal(offset.ms(), 3_600_000);
  offset.note('rubbish');
  t.equal(offset.ms(), 3_600_000);
  offset.note('Sat, 21 Nov 2026 11:59:59 GMT');
  t.equal(offset.ms(), 0, 'within its resolution');
});

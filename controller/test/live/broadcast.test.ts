// What a channel asks the schedule for. No frame comes here: the rest is seen by viewers (tune-in, boundaries, faults).
import { PassThrough } from 'node:stream';
import t from 'tap';
import { createBroadcast } from '../../src/live/broadcast.ts';
import { silentLog } from '../../src/log.ts';
import type { PlanStep } from '../../src/on-air/plan-step.ts';
import { film, look, planFrom } from './station.ts';

const MINUTE = 60_000;
const table = planFrom(
  0,
  Array.from({ length: 60 }, () => [60, film('/nowhere.mkv')] as const),
);
/** As the controller answers: from `fromMs` on. */
const from = (fromMs: number, untilMs: number): readonly PlanStep[] =>
  table.filter(({ startMs, endMs }) => endMs > fromMs && startMs < untilMs);

function openAt(nowMs: number, untilMs: number) {
  const clock = { ms: nowMs, steady: 0, now: () => clock.ms, monotonic: () => clock.steady };
  const asked: number[] = [];
  const broadcast = createBroadcast({
    ...{ look, steps: from(nowMs, untilMs), slateOnly: false, zone: undefined, clock, log: silentLog },
    feed: {
      start: () => ({ pid: null, output: new PassThrough(), ended: Promise.withResolvers<never>().promise }),
      probe: () => Promise.withResolvers<never>().promise,
      proxy: { lease: () => ({ url: 'http://127.0.0.1/', readAhead: () => {}, [Symbol.dispose]: () => {} }) },
      onProcess: () => {},
    },
    slates: { prepare: async () => true, starting: () => null, load: async () => null, card: async () => null },
    wantsPlan: (fromMs) => asked.push(fromMs),
    ...{ itemFailed: () => {}, wake: () => {} },
  });
  t.teardown(broadcast.stop);
  const tick = (ms: number): void => {
    clock.ms += ms;
    clock.steady += ms;
    broadcast.tick();
  };
  return { clock, asked, broadcast, tick };
}

t.test('a clock that is set back: the table of that time is asked for, and plays', async (t) => {
  const { clock, asked, broadcast, tick } = openAt(30.5 * MINUTE, 50 * MINUTE);
  tick(100);
  t.same(asked, []);
  clock.ms -= 10 * MINUTE + 0.5;
  tick(100);
  t.same(asked, [20.5 * MINUTE + 199], 'whole milliseconds, as databases take them');
  t.equal(broadcast.state().entryId, null);
  broadcast.plan(20.5 * MINUTE, from(20.5 * MINUTE, 60 * MINUTE));
  tick(100);
  t.equal(broadcast.state().entryId, 'e20');
});

t.test(
  'a table that ends soon is asked for, and again after a while: not at once where the answer has nothing new',
  async (t) => {
    const { asked, broadcast, tick } = openAt(31.2 * MINUTE, 32 * MINUTE);
    tick(100);
    t.same(asked, [32 * MINUTE]);
    broadcast.plan(32 * MINUTE, []);
    tick(100);
    t.equal(asked.length, 1);
    tick(10_000);
    t.equal(asked.length, 2);
    broadcast.plan(32 * MINUTE, from(32 * MINUTE, 33 * MINUTE));
    tick(100);
    t.same(asked.at(-1), 33 * MINUTE, 'what grew may be asked on');
  },
);

// Rows 182, 191, 192, ruling 14: idle and streaming, with a hold on both edges, against a model.
import t from 'tap';
import { IDLE, nextPhase, type StreamingPhase } from '../../src/bandwidth/streaming-phase.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const HOLDS = { throttleAfterMs: 10_000, restoreAfterMs: 60_000 };

t.test('row 182: all transitions', async (t) => {
  const at = (phase: StreamingPhase['phase'], since: number): StreamingPhase => ({ phase, since });
  for (const [before, watches, now, after] of [
    [IDLE, false, 100, IDLE],
    [IDLE, true, 100, at('starting', 100)],
    [at('starting', 100), true, 10_099, at('starting', 100)],
    [at('starting', 100), true, 10_100, at('streaming', 10_100)],
    [at('starting', 100), false, 5_000, at('idle', 5_000)],
    [at('streaming', 0), true, 99_999, at('streaming', 0)],
    [at('streaming', 0), false, 500, at('ending', 500)],
    [at('ending', 500), false, 60_499, at('ending', 500)],
    [at('ending', 500), false, 60_500, at('idle', 60_500)],
    [at('ending', 500), true, 30_000, at('streaming', 30_000)],
  ] as const)
    t.same(nextPhase(before, watches, now, HOLDS), after, `${before.phase}, ${watches ? 'someone' : 'nobody'} at ${now}`);
});

t.test('rows 191, 192, ruling 14: throttle_after and restore_after of 0 act at once', async (t) => {
  const none = { throttleAfterMs: 0, restoreAfterMs: 0 };
  t.equal(nextPhase(IDLE, true, 5, none).phase, 'streaming');
  t.equal(nextPhase({ phase: 'streaming', since: 5 }, false, 6, none).phase, 'idle');
});

t.test('row 182: a model over 20,000 random seconds agrees', async (t) => {
  const random = seededRandom(182);
  let phase = IDLE;
  // The model knows only how long it has been so, and whether limits are on.
  let [on, sinceChange, watched] = [false, 0, false];
  const wrong: number[] = [];
  let watches = false;
  for (let second = 0; second < 20_000; second += 1) {
    if (random() < 0.03) watches = !watches;
    if (watches !== watched) sinceChange = second;
    watched = watches;
    const lasted = (second - sinceChange) * 1_000;
    if (watches && !on && lasted >= HOLDS.throttleAfterMs) on = true;
    if (!watches && on && lasted >= HOLDS.restoreAfterMs) on = false;
    phase = nextPhase(phase, watches, second * 1_000, HOLDS);
    if ((phase.phase === 'streaming' || phase.phase === 'ending') !== on) wrong.push(second);
    if ((phase.phase === 'streaming') !== (on && watches)) wrong.push(second);
  }
  t.same(wrong, []);
});

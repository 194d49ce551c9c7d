// When to ask again.
import t from 'tap';
import { nextTick, type PollSituation, pollInterval, socketBackoff } from '../../src/neighbours/poll-timing.ts';

const calm: PollSituation = {
  pushed: true,
  outcome: 'ok',
  silentForMs: 0,
  intervalMs: undefined,
  fixed: false,
  refusedMs: 900_000,
};

t.test('time to the next poll', async (t) => {
  t.equal(pollInterval(calm), 60_000, 'safety poll beside a socket');
  t.equal(pollInterval({ ...calm, pushed: false }), 5000, 'socket down or mute');
  t.equal(pollInterval({ ...calm, outcome: 'starting', silentForMs: 600_000 }), 5000, 'a start-up server will be ready soon');
  t.equal(pollInterval({ ...calm, outcome: 'gone', silentForMs: 3000 }), 5000, 'a restart');
  t.equal(pollInterval({ ...calm, outcome: 'gone', silentForMs: 120_000 }), 20_000, 'dead for two minutes');
  t.equal(pollInterval({ ...calm, outcome: 'unreachable', silentForMs: Number.POSITIVE_INFINITY }), 30_000, 'never seen');
  t.equal(pollInterval({ ...calm, outcome: 'refused', silentForMs: 0 }), 900_000, 'a wrong key is not retried but rarely');
  t.equal(pollInterval({ ...calm, intervalMs: 30_000 }), 30_000, "a safety net of one's own");
  t.equal(
    pollInterval({ ...calm, intervalMs: 30_000, pushed: false }),
    5000,
    'which does not slow down what stands in for the socket',
  );
  t.equal(pollInterval({ ...calm, intervalMs: 2000, pushed: false }), 2000);
  t.equal(pollInterval({ ...calm, fixed: true }), 5000);
  t.equal(pollInterval({ ...calm, fixed: true, intervalMs: 30_000, pushed: false }), 30_000);
  t.equal(pollInterval({ ...calm, fixed: true, intervalMs: 1000, pushed: false, outcome: 'gone', silentForMs: 1e9 }), 1000);
});

t.test('a rhythm does not drift, nor does it catch up', async (t) => {
  t.equal(nextTick(0, 1000, 20), 1000, 'a poll that took 20 ms');
  t.equal(nextTick(1000, 1000, 1999), 2000);
  t.equal(nextTick(0, 1000, 3500), 4000, 'a poll that took 3.5 s: the missed ones are left out');
  let at = 0;
  for (let i = 0; i < 1000; i += 1) at = nextTick(at, 5000, at + 123);
  t.equal(at, 5_000_000);
});

t.test('the socket is tried again at once, then ever more slowly', async (t) => {
  t.equal(socketBackoff(0, 0.9), 0);
  t.equal(socketBackoff(1, 0.9), 0);
  t.equal(socketBackoff(2, 0.5), 1000);
  t.equal(socketBackoff(3, 0.5), 2000);
  t.equal(socketBackoff(30, 0.5), 15_000);
  t.ok(socketBackoff(30, 0) >= 7500 && socketBackoff(30, 0.999) <= 22_500, 'with jitter');
});

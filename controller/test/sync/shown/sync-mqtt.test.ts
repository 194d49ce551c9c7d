// Sync over MQTT: said when it changes and when somebody asks, not otherwise; paused by a message that is not retained.
import { createTypedLink } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { silentLog } from '../../../src/log.ts';
import { noLists } from '../../../src/sync/playlists/lists-overview.ts';
import type { Overview } from '../../../src/sync/shown/overview.ts';
import { runSyncMqtt } from '../../../src/sync/shown/sync-mqtt.ts';
import { problemOf, syncStateOf } from '../../../src/sync/shown/sync-state.ts';
import { createFakeClock } from '../../fixtures/fake-clock.ts';
import { createMemoryBroker } from '../../fixtures/memory-broker.ts';

const server = (name: string, more: Partial<Overview['servers'][number]> = {}): Overview['servers'][number] => ({
  ...{ name, counts: { pending: 0, waiting: 0, failed: 0, held: 0 }, oldestPendingMs: null, away: null, skew: null },
  ...more,
});

async function open(t: Test, kept: Readonly<Record<string, string>> = {}) {
  const broker = createMemoryBroker(kept);
  const clock = createFakeClock();
  const state = { servers: [server('attic')], isPaused: false, looks: 0 };
  const asking: { ask: () => void } = { ask: () => {} };
  const stop = new AbortController();
  const running = runSyncMqtt(
    {
      overview: { read: async () => ({ atMs: clock.now(), servers: state.servers, lists: noLists }) },
      link: createTypedLink(broker, 'headgate', () => {}),
      pause: async (paused) => {
        state.isPaused = paused;
      },
      facts: () => ({ isPaused: state.isPaused, isDryRun: false, lastDeliveredMs: null }),
      onLook: () => {
        state.looks += 1;
      },
      onAsked(listener) {
        asking.ask = listener;
        return () => {};
      },
      clock,
      log: silentLog,
    },
    stop.signal,
  );
  t.teardown(async () => {
    stop.abort();
    await running;
  });
  await clock.settle();
  const said = () =>
    broker.sent.filter(({ topic }) => topic === 'headgate/sync/state').map(({ payload }) => JSON.parse(payload) as object);
  return { broker, clock, state, asking, said };
}

t.test('said when something changed or somebody asks; a lag alone each ten seconds', async (t) => {
  const { broker, clock, state, asking, said } = await open(t);
  t.match(said(), [{ queue: 0, lag_s: 0, problem: null, servers: { attic: { connected: true } } }]);
  t.ok(broker.retained().has('headgate/sync/state'));
  await clock.advance(10_000);
  t.equal(said().length, 1, 'nothing changed');
  t.ok(state.looks >= 5);
  const counts = { pending: 2, waiting: 0, failed: 1, held: 0 };
  state.servers = [
    server('attic', { counts, oldestPendingMs: clock.now() - 4_000, away: { sinceMs: clock.now(), problem: 'off' } }),
  ];
  await clock.advance(2_000);
  t.match(said()[1], { queue: 2, failed: 1, lag_s: 6, problem: 'attic does not answer; 1 was set aside' });
  await clock.advance(8_000);
  t.equal(said().length, 2);
  await clock.advance(4_000);
  t.equal(said().length, 3, 'the lag');
  asking.ask();
  await clock.advance(10);
  t.equal(said().length, 4, 'Home Assistant was started');
});

t.test('paused and resumed by a message; one that was retained is an old one', async (t) => {
  const { broker, clock, state, said } = await open(t, { 'headgate/sync/set/paused': 'ON' });
  t.equal(state.isPaused, false);
  broker.say('headgate/sync/set/paused', 'ON');
  await clock.advance(2_000);
  t.match(said().at(-1), { paused: true });
  broker.say('headgate/sync/set/paused', 'perhaps');
  broker.say('headgate/sync/set/paused', 'OFF');
  await clock.advance(2_000);
  t.match(said().at(-1), { paused: false });
});

t.test('clocks are told to the tenth of a second; problems as a sentence', async (t) => {
  const lists = { needLogIn: 2, unclear: 1, failing: 1 };
  const { servers, playlists } = syncStateOf(
    { atMs: 5_000, servers: [server('a', { skew: { ms: -1_234, plusMinusMs: 50 } }), server('b')], lists },
    { isPaused: false, isDryRun: true, lastDeliveredMs: 4_000 },
  );
  t.same([servers['a']?.clock_skew_s, servers['b']?.clock_skew_s], [-1.2, null]);
  t.equal(playlists, 4);
  const away = { sinceMs: 1, problem: 'off' };
  const counts = { pending: 1, waiting: 1, failed: 1, held: 3 };
  t.equal(
    problemOf([server('a', { away, counts }), server('b', { away, counts: { ...counts, held: 0 } })]),
    'a and b do not answer; 2 were set aside; 3 losses are held until somebody says whether they are meant',
  );
  t.equal(problemOf([server('a')]), null);
});

// Who fetches a TV channel directly is a stream of the uplink, with its measured rate.
import t from 'tap';
import { createListeners } from '../../../src/listeners.ts';
import type { PlayingStream } from '../../../src/neighbours/media-server.ts';
import type { LiveSession } from '../../../src/on-air/live-messages.ts';
import { channelViewers } from '../../../src/wiring/television/channel-viewers.ts';

const NOW = 1_800_000_000_000;
type Viewer = LiveSession['viewers'][number];
const viewer = (given: Partial<Viewer>): Viewer => ({
  ...{ id: 'v1', consumer: 'phone', address: '203.0.113.9', sinceMs: NOW, bytes: 0, bps: 0, skips: 0 },
  ...given,
});
const session = (...viewers: readonly Viewer[]): LiveSession => ({
  ...{ channel: '3', startedMs: NOW, entryId: 'e', showing: 'programme', tuneInMs: 300, driftMs: 0, lastGapMs: 0 },
  ...{ boundaries: 0, speed: 2, restarts: 0, viewers },
});

t.test('ruling 10: measured rates, the burst at joining left out, the highest kept', async (t) => {
  const heard: PlayingStream[][] = [];
  const changes = createListeners();
  let at = NOW;
  let sessions: LiveSession[] = [session(viewer({ bps: 9_000_000 }))];
  const stop = new AbortController();
  const clock = { now: () => at, monotonic: () => at, sleep: async () => undefined };
  const server = channelViewers({ sessions: () => sessions, onSessions: changes.on, clock });
  t.equal(server.userLimits, null, 'nobody can be limited');
  const done = server.watch({ sessions: (streams) => void heard.push([...streams]), health: () => undefined }, stop.signal);
  const say = (...viewers: readonly Viewer[]): PlayingStream[] => {
    sessions = [session(...viewers)];
    changes.tell();
    return heard.at(-1) ?? [];
  };
  t.match(heard.at(-1), [{ id: 'v1', userName: 'phone', address: '203.0.113.9', kind: 'live', nominalBps: null }]);
  at += 8_000;
  t.match(say(viewer({ bps: 2_010_000 })), [{ nominalBps: 2_250_000 }]);
  t.match(say(viewer({ bps: 900_000 })), [{ nominalBps: 2_250_000 }], 'a calm scene frees nothing');
  t.match(say(viewer({ id: 'v2', address: '::ffff:192.168.1.7' })), [{ id: 'v2', address: '192.168.1.7', nominalBps: null }]);
  t.match(say(viewer({ bps: 900_000 })), [{ nominalBps: 1_000_000 }], 'who left is forgotten');
  stop.abort();
  await done;
  const before = heard.length;
  changes.tell();
  t.equal(heard.length, before, 'nothing is said after the end');
});

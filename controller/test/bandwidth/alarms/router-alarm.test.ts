// A router that falls silent is told once, and so is its return.
import t from 'tap';
import { ROUTER_WELL, watchRouter } from '../../../src/bandwidth/alarms/router-alarm.ts';
import type { BandwidthEvent } from '../../../src/bandwidth/bandwidth-event.ts';

const UTC = Date.UTC(2026, 10, 21, 6, 0, 0);

/** Looks each second; `silent` says how long it has been silent then, in seconds. */
function watch(memory = ROUTER_WELL) {
  let last = memory;
  return (from: number, to: number, silent: (at: number) => number | null): readonly BandwidthEvent[] => {
    const events: BandwidthEvent[] = [];
    for (let at = from; at < to; at += 1) {
      const s = silent(at);
      const now = { now: 5_000_000 + at * 1_000, utcNow: UTC + at * 1_000, silentMs: s === null ? null : s * 1_000 };
      const looked = watchRouter({ router: 'router', wan: 'wan', ...now }, last);
      last = looked.memory;
      if (looked.event !== null) events.push(looked.event);
    }
    return events;
  };
}

t.test('after half a minute of silence it is told once since when; and its return, with how long it was', async (t) => {
  const look = watch();
  t.same(
    look(0, 100, () => 1),
    [],
  );
  const silence = look(100, 400, (at) => at - 100);
  t.equal(silence.length, 1);
  t.match(silence[0], {
    type: 'router_stale',
    severity: 'warning',
    text: 'Router "router" has been silent since 2026-11-21 06:01:40 UTC. Its last word fades, and after a minute of silence the safe plan follows.',
    details: { router: 'router', wan: 'wan', since: '2026-11-21T06:01:40.000Z' },
  });
  const [back, ...rest] = look(400, 500, () => 0);
  t.same(rest, []);
  t.match(back, {
    type: 'router_back',
    text: 'Router "router" speaks again, after a silence of 5 min.',
    details: { silent_s: 300 },
  });
});

t.test('one that comes and goes makes one alarm in a quarter of an hour, and is not back with its first sample', async (t) => {
  const look = watch();
  // 37 s of silence, then 3 s of samples, over and over for an hour.
  const events = look(0, 3_600, (at) => Math.max(0, (at % 40) - 3));
  t.same(
    events.map(({ type }) => type),
    ['router_stale'],
    'three seconds are no return',
  );
  // 40 s of silence, then 20 s of samples.
  const flapping = watch()(0, 3_600, (at) => Math.max(0, (at % 60) - 20));
  const stale = flapping.filter(({ type }) => type === 'router_stale');
  t.ok(stale.length <= 4, `${stale.length} in an hour`);
  t.equal(flapping.filter(({ type }) => type === 'router_back').length, stale.length);
});

t.test('a restart of the agent is no alarm, and without a router there is none', async (t) => {
  t.same(
    watch()(0, 200, (at) => (at < 100 ? 0 : Math.max(0, Math.min(at - 100, 28) * (at < 128 ? 1 : 0)))),
    [],
  );
  t.same(
    watch()(0, 200, () => null),
    [],
  );
});

t.test('what an earlier run told as silent is told as back', async (t) => {
  const look = watch({ ...ROUTER_WELL, told: { router: 'router', wan: 'wan', sinceUtc: UTC - 600_000 } });
  const [back, ...rest] = look(0, 60, () => 0);
  t.same(rest, []);
  t.match(back, { type: 'router_back', details: { silent_s: 600 } });
});

t.test('another router in its place ends the silence of the one that was told', async (t) => {
  const look = watch({ ...ROUTER_WELL, told: { router: 'old', wan: 'wan', sinceUtc: UTC - 600_000 } });
  t.match(
    look(0, 60, () => 0),
    [
      {
        type: 'router_back',
        text: 'Router "router" speaks, in place of "old", which fell silent 10 min before.',
        details: { router: 'old' },
      },
    ],
  );
});

// Warming: one channel at a time, never while anybody watches, closed exactly once, again after 25 days and with another picture.
import t from 'tap';
import {
  isDue,
  type PreWarmDeps,
  type WarmChannel,
  type WarmServer,
  type Warmth,
  warmServer,
} from '../../../src/channels/registration/pre-warm.ts';
import type { Clock } from '../../../src/clock.ts';
import { ControllerError } from '../../../src/errors.ts';
import { silentLog } from '../../../src/log.ts';

const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;

const CHANNELS: readonly WarmChannel[] = [
  { id: '1', number: '101', name: 'Films', picture: 'p' },
  { id: '2', number: '102', name: 'Shows', picture: 'p' },
];

/** A server that takes as long as it is told to. */
const home = (
  options: { tookMs?: number; opens?: (channel: string) => void; viewers?: () => number; tuned?: () => boolean } = {},
) => {
  const events: string[] = [];
  const kept = new Map<string, Warmth>();
  let now = 100 * DAY_MS;
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => {} };
  const server: WarmServer = {
    name: 'main',
    channels: async () => CHANNELS.map(({ id, name, number }) => ({ id: `j${id}`, name, number })),
    viewers: async () => options.viewers?.() ?? 0,
    async open(channel) {
      events.push(`open ${channel}`);
      options.opens?.(channel);
      now += options.tookMs ?? 3_500;
      return `live-${channel}`;
    },
    async close(id) {
      events.push(`close ${id}`);
    },
  };
  const deps: PreWarmDeps = {
    channels: () => CHANNELS,
    isTuned: () => options.tuned?.() ?? false,
    begin: (at, channel) => events.push(`begin ${at} ${channel}`),
    end: (at, channel) => events.push(`end ${at} ${channel}`),
    store: {
      warmth: (_, channel) => kept.get(channel) ?? null,
      async setWarmth(_, channel, warmth) {
        kept.set(channel, warmth);
      },
    },
    clock,
    log: silentLog,
  };
  return { events, kept, server, deps, pass: (ms: number) => (now += ms) };
};

const ONE = ['begin main 1', 'open j1', 'close live-j1', 'end main 1'];
const TWO = ['begin main 2', 'open j2', 'close live-j2', 'end main 2'];

t.test('each channel is opened and closed once, one after the other, and not again', async (t) => {
  const { events, server, deps, kept } = home();
  t.same(await warmServer(deps, server, NEVER), { kind: 'done', warmed: 2, left: 0 });
  t.same(events, [...ONE, ...TWO]);
  t.same(await warmServer(deps, server, NEVER), { kind: 'nothing-due' });
  t.equal(kept.get('1')?.picture, 'p');
});

t.test('nobody is disturbed: looked at before each, by sessions and by our own connections', async (t) => {
  const watched = home({ viewers: () => 1 });
  t.same(await warmServer(watched.deps, watched.server, NEVER), { kind: 'watched' });
  t.same(watched.events, []);
  const tuned = home({ tuned: () => tuned.kept.size > 0 });
  t.same(await warmServer(tuned.deps, tuned.server, NEVER), { kind: 'watched' });
  t.same(tuned.events, ONE, 'somebody tuned in after the first');
});

t.test('a channel that does not open is told to the stream side as over, and keeps the others not cold', async (t) => {
  const bad = home({
    opens: (channel) => {
      if (channel === 'j1') throw new ControllerError('upstream_failed', 'it does not open');
    },
  });
  t.same(await warmServer(bad.deps, bad.server, NEVER), { kind: 'failed', problem: 'it does not open' });
  t.same(bad.events, ['begin main 1', 'open j1', 'end main 1', ...TWO]);
  t.same([...bad.kept.keys()], ['2']);
});

t.test('a server that is gone ends the round', async (t) => {
  const gone = home({
    opens: () => {
      throw new ControllerError('upstream_unreachable', 'gone');
    },
  });
  t.same(await warmServer(gone.deps, gone.server, NEVER), { kind: 'failed', problem: 'gone' });
  t.same(gone.events, ['begin main 1', 'open j1', 'end main 1']);
});

t.test('told to stop while one is open: it is closed, and no other is opened', async (t) => {
  const stop = new AbortController();
  const { events, server, deps } = home({ opens: () => stop.abort() });
  await t.rejects(warmServer(deps, server, stop.signal), { name: 'AbortError' });
  t.same(events, ONE);
});

t.test('what the server does not show yet is said, the rest is warmed', async (t) => {
  const { server, deps, events } = home();
  const half = { ...server, channels: async () => [{ id: 'j2', name: 'Shows', number: '102' }] };
  t.same(await warmServer(deps, half, NEVER), { kind: 'unseen', channels: ['1'] });
  t.same(events, TWO);
});

t.test(
  'again after 25 days; an opening that found the cache does not renew it, so daily from then on until it probes',
  async (t) => {
    const first: Warmth = { picture: 'p', probedMs: 0, warmedMs: 0 };
    t.notOk(isDue(first, 'p', 24 * DAY_MS));
    t.ok(isDue(first, 'p', 25 * DAY_MS));
    t.ok(isDue(first, 'other', DAY_MS), 'another picture');
    t.ok(isDue(null, 'p', 0));
    const { deps, server, kept, pass } = home({ tookMs: 160 });
    await warmServer(deps, server, NEVER);
    const probed = kept.get('1')?.probedMs;
    pass(25 * DAY_MS);
    await warmServer(deps, server, NEVER);
    t.equal(kept.get('1')?.probedMs, probed, 'it took 0.16 s: the file in the cache is as old as before');
    t.same(await warmServer(deps, server, NEVER), { kind: 'nothing-due' });
    pass(DAY_MS);
    t.match(await warmServer(deps, server, NEVER), { kind: 'done', warmed: 2 });
  },
);

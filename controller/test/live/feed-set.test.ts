// Which programmes of a channel run, with ffmpegs that are only told of: slow ones, dead ones, a media server that comes back.
import t from 'tap';
import type { Feed, FeedOrder } from '../../src/live/feed.ts';
import { createFeedSet } from '../../src/live/feed-set.ts';
import { stepKey } from '../../src/live/plan-book.ts';
import { silentLog } from '../../src/log.ts';
import type { PlanStep } from '../../src/on-air/plan-step.ts';
import { film, planFrom } from './station.ts';

const NOON = 1_800_000_000_000;

function open() {
  const steps: readonly PlanStep[] = planFrom(NOON, [
    [600, film('/a')],
    [600, film('/b')],
  ]);
  const world = {
    now: 0,
    warned: [] as string[],
    failed: 0,
    opened: [] as FeedOrder[],
    feeds: [] as (Feed & { read: number; end: string | null; gone: boolean })[],
  };
  const set = createFeedSet({
    steps: () => steps,
    open(order) {
      world.opened.push(order);
      const feed = {
        ...{
          step: order.step,
          key: stepKey(order.step),
          atMs: order.atMs,
          read: order.atMs,
          end: null as string | null,
          gone: false,
        },
        queued: () => [],
        take: () => undefined,
        toKeyFrame: () => null,
        belongsAtMs: () => 0,
        readUpToMs: () => feed.read,
        silentMs: () => 0,
        hasBegun: () => feed.end === null,
        ended: () => (feed.end === null ? null : { problem: feed.end }),
        speed: () => 0.6,
        stop() {
          feed.gone = true;
        },
      };
      world.feeds.push(feed);
      return feed;
    },
    onFailed: () => {
      world.failed += 1;
    },
    clock: { monotonic: () => world.now },
    log: { ...silentLog, warn: (_, text) => void world.warned.push(text) },
  });
  /** A second of the house, with ffmpegs that make `speed` seconds of film in it; null: they die. */
  const second = (speed: number | null): void => {
    world.now += 1_000;
    for (const feed of world.feeds.filter(({ gone }) => !gone)) {
      if (speed === null) feed.end = 'the media server is away';
      else feed.read += speed * 1_000;
    }
    set.follow(NOON + 60_000 + world.now, null, false);
  };
  return { world, set, second };
}

t.test('an ffmpeg slower than real time is begun again where the programme is, told once, and no failure', async (t) => {
  const { world, set, second } = open();
  for (let i = 0; i < 60; i += 1) second(0.6);
  t.ok(world.opened.length >= 4 && world.opened.length <= 6, `${world.opened.length} in a minute`);
  t.equal(world.feeds.filter(({ gone }) => !gone).length, 1, 'one at a time');
  t.same(world.warned, ['ffmpeg is slower than real time; it is begun again where the programme is now']);
  t.equal(world.failed, 0);
  t.equal(set.restarts(), world.opened.length - 1);
  t.ok((world.opened.at(-1)?.atMs ?? 0) > NOON + 60_000 + 40_000, 'where the programme is now');
});

t.test(
  'a media server that is away for 20 s: told as failed once, tried ever more seldom, and played again when it is back',
  async (t) => {
    const { world, second } = open();
    for (let i = 0; i < 20; i += 1) second(null);
    const tries = world.opened.length;
    t.ok(tries >= 4 && tries <= 6, `${tries} tries in 20 s`);
    t.equal(world.failed, 1);
    for (let i = 0; i < 30; i += 1) second(1);
    t.equal(world.feeds.filter(({ gone }) => !gone).length, 1);
    t.equal(world.opened.length, tries + 1, 'begun again within half a minute');
    t.equal(world.failed, 1);
  },
);

// Ticks, schedule and clocks of one channel.
import t from 'tap';
import { createTimeLine, FIRST_TICKS } from '../../src/live/time-line.ts';

const openClock = () => {
  const at = { now: 1_000_000, monotonic: 0 };
  const pass = (ms: number): void => {
    at.now += ms;
    at.monotonic += ms;
  };
  return { at, pass, now: () => at.now, monotonic: () => at.monotonic };
};

t.test('milliseconds of the schedule and ticks are one line', async (t) => {
  const clock = openClock();
  const line = createTimeLine(clock, 1_000_000);
  t.equal(line.ticksOf(1_000_000), FIRST_TICKS);
  t.equal(line.ticksOf(1_001_000), FIRST_TICKS + 90_000);
  t.equal(line.msOf(line.ticksOf(1_000_040)), 1_000_040);
  clock.pass(500);
  t.equal(line.liveMs(), 1_000_500);
});

t.test('a clock that is set a little is followed slowly, so that no viewer sees a leap', async (t) => {
  const clock = openClock();
  const line = createTimeLine(clock, 1_000_000);
  clock.at.now += 1_000;
  let last = line.liveMs();
  for (let tick = 0; tick < 600; tick++) {
    clock.pass(100);
    t.equal(line.follow(0, 0), false);
    const live = line.liveMs();
    if (live - last > 103 || live - last < 97) t.fail(`a step of ${live - last} ms`);
    last = live;
  }
  t.equal(line.liveMs(), clock.now());
});

t.test('a clock that leaps takes the schedule with it; ticks go on from where they are', async (t) => {
  const clock = openClock();
  const line = createTimeLine(clock, 1_000_000);
  clock.pass(1_000);
  const front = line.ticksOf(line.liveMs());
  clock.at.now += 3_600_000;
  t.equal(line.follow(front, 0), true);
  t.equal(line.liveMs(), clock.now());
  t.equal(line.ticksOf(clock.now()), front);
  clock.pass(100);
  t.equal(line.follow(front, 0), false);
});

// When a node asks for its manifest: spread after a push, never in step, and at once when it starts.
import { silentLog } from '@headgate/agent-router/agent-ground';
import t, { type Test } from 'tap';
import { createFakeClock, type FakeClock } from '../../../agent-router/test/fake-clock.ts';
import { followGroup } from '../../src/manifest/follow-group.ts';

const HOUR = 3_600_000;

/** A node whose requests answer at once; `at` are their times. */
function follow(t: Test, clock: FakeClock, random: () => number, answer = async (): Promise<boolean> => false) {
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const at: number[] = [];
  const refresh = (): Promise<boolean> => {
    at.push(clock.monotonic());
    return answer();
  };
  let news = 0;
  const onNew = (): void => {
    news += 1;
  };
  const { wake, over } = followGroup(
    { follower: { refresh }, pollMs: HOUR, onNew, clock, random, log: silentLog },
    ending.signal,
  );
  return { at, wake, over, ending, news: () => news };
}

/** The same numbers each time, evenly spread. */
const chances = (): (() => number) => {
  let n = 0;
  return () => {
    n = (n + 0.618_034) % 1;
    return n;
  };
};

t.test('row 249: a hundred nodes that hear a push at once ask over a while, all of them within 1.5 s, each once', async (t) => {
  const clock = createFakeClock();
  const random = chances();
  const nodes = Array.from({ length: 100 }, () => follow(t, clock, random));
  await clock.advance(1_000);
  for (const { wake } of nodes) wake();
  // A second word meanwhile changes nothing: whoever asks gets what is newest.
  await clock.advance(1);
  for (const { wake } of nodes) wake();
  await clock.advance(1_500);
  const times = nodes.map(({ at }) => (at[1] ?? Number.NaN) - 1_000);
  t.ok(nodes.every(({ at }) => at.length === 2));
  t.ok(times.every((ms) => ms >= 0 && ms <= 1_500));
  for (let from = 0; from < 1_500; from += 150) {
    const those = times.filter((ms) => ms >= from && ms < from + 150).length;
    t.ok(those >= 5 && those <= 15, `${those} of 100 in a tenth of the time`);
  }
});

t.test('row 214: nodes that started together do not poll together: each after 90 to 110 % of the hour', async (t) => {
  const clock = createFakeClock();
  const random = chances();
  const nodes = Array.from({ length: 100 }, () => follow(t, clock, random));
  await clock.advance(0);
  t.ok(
    nodes.every(({ at }) => at[0] === 0),
    'the first at once: somebody may be waiting',
  );
  await clock.advance(1.1 * HOUR);
  const times = nodes.map(({ at }) => at[1] ?? Number.NaN);
  t.ok(times.every((ms) => ms >= 0.9 * HOUR && ms <= 1.1 * HOUR));
  for (let from = 0.9; from < 1.099; from += 0.02) {
    const those = times.filter((ms) => ms >= from * HOUR && ms < (from + 0.02) * HOUR).length;
    t.ok(those >= 5 && those <= 15, `${those} of 100 in a tenth of the time`);
  }
});

t.test('what is new is told, a fault is no end, and a signal ends it at any time', async (t) => {
  const clock = createFakeClock();
  let answer: () => Promise<boolean> = async () => true;
  const node = follow(
    t,
    clock,
    () => 0.5,
    () => answer(),
  );
  await clock.advance(1);
  t.equal(node.news(), 1);
  answer = () => Promise.reject(new Error('the disk is full'));
  await clock.advance(HOUR);
  t.equal(node.at.length, 2);
  answer = async () => false;
  await clock.advance(59_000);
  t.equal(node.at.length, 2);
  await clock.advance(2_000);
  t.equal(node.at.length, 3, 'again after a minute');
  node.wake();
  await clock.advance(100);
  node.ending.abort();
  await node.over;
  t.equal(node.at.length, 3);
});

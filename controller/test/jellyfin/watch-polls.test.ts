// A watched server by polls alone: period, errors, a server that hangs.
import t from 'tap';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { openTest, until, watched } from './neighbours.ts';
import { HOME, watchedSimulator } from './watched-simulator.ts';

t.test('errors and cut connections of single polls', async (t) => {
  await using home = await watchedSimulator({}, { useSocket: false, pollIntervalMs: 100 });
  const { sim, ear } = home;
  await until('heard', () => ear.lists.length > 1);
  sim.inject({ path: /^\/Sessions$/, answer: 500, times: 2 });
  await until('told', () => ear.state() === 'unreachable');
  await until('well again', () => ear.state() === 'polling');
  const before = ear.states.length;
  sim.inject({ path: /^\/Sessions$/, answer: 'reset', times: 1 });
  const lists = ear.lists.length;
  await until('the same poll was repeated', () => ear.lists.length > lists + 2);
  t.equal(ear.states.length, before, 'one cut connection is no news');
});

t.test('a server that hangs', async (t) => {
  await using home = await watchedSimulator({}, { useSocket: false, pollIntervalMs: 100, timeoutMs: 300 });
  const { sim, ear } = home;
  await until('heard', () => ear.lists.length > 0);
  sim.inject({ path: /^\/Sessions$/, answer: 'hang', times: 1 });
  await until('told', () => ear.state() === 'unreachable');
  t.match(ear.states.at(-1)?.problem, /did not answer in time/);
  await until('well again', () => ear.state() === 'polling');
});

t.test('a plain poller keeps its period without drift or overlap', async (t) => {
  await using home = await watchedSimulator({ latencyMs: 90 }, { useSocket: false, pollIntervalMs: 200 });
  const { sim, ear } = home;
  await until('running', () => ear.lists.length >= 2);
  const measure = async () => {
    const first = ear.lists.length;
    const from = ear.lists.at(-1)?.heardAt ?? 0;
    await until('15 more', () => ear.lists.length >= first + 15);
    return ((ear.lists[first + 14]?.heardAt ?? 0) - from) / 15;
  };
  const isRight = (period: number) => Math.abs(period - 200) <= 10;
  // A busy machine may hold up one answer at either end; a poller that drifts is wrong each time.
  let period = 0;
  for (let tries = 0; tries < 3 && !isRight(period); tries += 1) period = await measure();
  t.ok(isRight(period), `period ${period.toFixed(1)} ms, though each answer takes 90`);
  t.equal(sim.requests().filter(({ by }) => by === 'socket').length, 0);
  t.match(ear.states, [{ state: 'polling', problem: null }]);
});

t.test('a server that is not there yet at the start is found as soon as it comes', async (t) => {
  await using sim = await startJellyfinSimulator(HOME);
  await sim.powerOff();
  await using watch = watched(openTest(sim, { pollIntervalMs: 100 }));
  await until('told', () => watch.ear.state() === 'unreachable');
  await sim.powerOn();
  const began = performance.now();
  await until('live', () => watch.ear.state() === 'live');
  t.ok(performance.now() - began < 5_000);
});

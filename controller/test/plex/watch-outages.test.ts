// A watched Plex that is away, answers nonsense, or refuses the token.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { fastClock, until } from '../neighbours/watched.ts';
import { watchedPlex } from './watched-plex.ts';

const states = (ear: { states: readonly { state: string }[] }) => ear.states.map(({ state }) => state);

t.test('five minutes without the server: no list is told, its state once, and it comes back by itself', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 0 }, { clock: fastClock(120) });
  const { sim, ear, lines } = home;
  await until('live', () => ear.state() === 'live');
  await sim.viewer({ user: 'anna' }).play();
  await until('heard', () => ear.streams().length === 1);
  await wait(300);
  const lists = ear.lists.length;
  await sim.powerOff();
  await wait(2600);
  t.equal(ear.lists.length, lists, 'what was heard last stands');
  t.same(states(ear), ['live', 'starting', 'unreachable'], 'first it may be a restart');
  t.match(ear.states.at(-1)?.problem, /Plex "cinema" refuses connections/);
  t.equal(lines.filter(({ level }) => level === 'warn').length, 2);
  await sim.powerOn();
  await until('live', () => ear.state() === 'live');
  await until('the list of now', () => ear.streams().length === 0);
});

t.test('errors and nonsense keep the list as well', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 0 }, { useSocket: false, pollIntervalMs: 50, timeoutMs: 300 });
  const { sim, ear } = home;
  await sim.viewer({ user: 'anna' }).play();
  await until('heard', () => ear.streams().length === 1);
  const faults: readonly (readonly [string, (on: boolean) => void, RegExp])[] = [
    ['500', (on) => sim.failWith(on ? 500 : null), /answered GET \/status\/sessions with 500/],
    ['cut off in the middle', (on) => sim.garble(on), /no JSON/],
    ['hangs', (on) => sim.stall(on), /did not answer in time/],
  ];
  for (const [what, fault, sentence] of faults) {
    const told = ear.states.length;
    fault(true);
    await until(what, () => ear.states.length > told);
    t.match(ear.states.at(-1), { state: 'unreachable', problem: sentence }, what);
    const lists = ear.lists.length;
    await wait(200);
    t.equal(ear.lists.length, lists, 'no list meanwhile');
    fault(false);
    await until('well again', () => ear.state() === 'polling');
  }
  t.equal(ear.streams().length, 1);
});

t.test('a token that is refused is told once, tried again each 30 s, and keeps the list', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 0 }, { clock: fastClock(40) });
  const { sim, ear, lines } = home;
  await until('live', () => ear.state() === 'live');
  await sim.viewer({ user: 'anna' }).play();
  await until('heard', () => ear.streams().length === 1);
  sim.refuseToken(true);
  await until('refused', () => ear.state() === 'refused');
  t.match(ear.states.at(-1)?.problem, /the token was refused .*last known streams and limits are kept/);
  const [asked, lists] = [sim.requests().length, ear.lists.length];
  await wait(2250);
  const seen = sim.requests().length - asked;
  t.ok(seen >= 1 && seen <= 4, `${seen} requests in 90 s`);
  t.equal(ear.lists.length, lists);
  t.equal(lines.filter(({ level }) => level === 'warn').length, 1, 'one line');
  sim.refuseToken(false);
  await until('live by itself', () => ear.state() === 'live');
  t.notMatch(JSON.stringify([lines, ear.states]), new RegExp(sim.token));
  t.equal(sim.secretsInUrls(), 0);
});

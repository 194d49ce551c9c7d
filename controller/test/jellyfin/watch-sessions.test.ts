// A watched server through everything that happens to sockets, servers and keys.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { fastClock, openTest, until, watched } from './neighbours.ts';
import { logIn, REMOTE } from './viewer.ts';
import { film, gets, HOME, watchedSimulator } from './watched-simulator.ts';

t.test('a start by somebody outside is heard by socket', async (t) => {
  await using home = await watchedSimulator({});
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  const anna = await logIn(sim, 'anna', 'annapw');
  const id = film(sim, 'Big Test Movie');
  const began = performance.now();
  await anna.start(id, { remote: true });
  await until('heard', () => ear.streams().length === 1);
  t.ok((ear.lists.at(-1)?.heardAt ?? 0) - began < 4_000, 'without waiting for a poll');
  await until('the source is looked up', () => ear.streams()[0]?.nominalBps === 8_286_642);
  t.match(ear.streams()[0], {
    userId: anna.userId,
    userName: 'anna',
    address: REMOTE,
    kind: 'video',
    paused: false,
    transcode: null,
  });
  t.equal(gets(sim, `/Items/${id}`), 1);
  await anna.progress(id, { remote: true, positionMs: 5000, paused: true });
  await until('paused', () => ear.streams()[0]?.paused === true);
  await anna.stop(id, { remote: true });
  await until('ended', () => ear.streams().length === 0);
  await anna.start(id, { remote: true });
  await until('again', () => ear.streams().length === 1);
  t.equal(ear.streams()[0]?.nominalBps, 8_286_642, 'at once');
  t.equal(gets(sim, `/Items/${id}`), 1, 'known by now');
  t.same(ear.states, [{ state: 'live', since: ear.states[0]?.since, problem: null }]);
});

t.test('at rest one request a minute, and the socket is kept alive', async (t) => {
  // 60 s here are 1 s there; a socket that is silent for 0.8 s (48 s here) is lost.
  await using home = await watchedSimulator({ socketSilenceMs: 800 }, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(300);
  sim.forgetRequests();
  await wait(3200);
  const seen = sim.requests().filter(({ by }) => by !== 'socket').length;
  t.ok(seen >= 2 && seen <= 4, `${seen} requests in 192 s`);
  t.equal(sim.requests().filter(({ by }) => by === 'socket').length, 0, 'the socket lived on');
  t.equal(ear.states.length, 1);
});

t.test('with the socket refused, polls find a start within 6 s', async (t) => {
  await using home = await watchedSimulator({}, { clock: fastClock(10) });
  const { sim, ear } = home;
  sim.sockets.refuse(true);
  sim.sockets.drop();
  await until('polling', () => ear.state() === 'polling');
  t.match(ear.states.at(-1)?.problem, /WebSocket/);
  const ben = await logIn(sim, 'ben', 'benpw');
  const began = performance.now();
  await ben.start(film(sim, 'Upstream'), { remote: true });
  await until('heard', () => ear.streams().length === 1);
  t.ok(performance.now() - began < 3_000, 'the safety poll would take 6 s of this clock');
  sim.sockets.refuse(false);
  await until('live again', () => ear.state() === 'live');
});

t.test('a socket that is cut is opened again at once, and nobody is told', async (t) => {
  await using home = await watchedSimulator({}, { clock: fastClock(40) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(400);
  sim.forgetRequests();
  sim.sockets.drop();
  await until('a new socket', () => sim.sockets.count() === 1);
  await until('one look at the sessions', () => gets(sim) >= 1);
  t.same(
    ear.states.map(({ state }) => state),
    ['live'],
  );
});

t.test('a half-dead socket is noticed and replaced', async () => {
  await using home = await watchedSimulator({ version: '10.11.11', socketSilenceMs: 600_000 }, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  sim.forgetRequests();
  sim.sockets.mute(true);
  await until('opened again', () => sim.requests().some(({ by }) => by === 'socket'), 5000);
  sim.sockets.mute(false);
  await until('live', () => ear.state() === 'live');
});

t.test('a key socket of 10.10 is mute: polls each 5 s instead', async (t) => {
  await using home = await watchedSimulator({ version: '10.10.7' }, { clock: fastClock(20) });
  const { sim, ear } = home;
  await until('polling', () => ear.state() === 'polling');
  await until('the socket is open', () => sim.sockets.count() === 1);
  const anna = await logIn(sim, 'anna', 'annapw');
  const began = performance.now();
  await anna.start(film(sim, 'Upstream'), { remote: true });
  await until('found by a poll', () => ear.streams().length === 1);
  t.ok(performance.now() - began < 2_000, 'the safety poll would take 3 s of this clock');
  t.match(ear.states.at(-1), { state: 'polling', problem: /says nothing/ });
  t.same(new Set(ear.states.map(({ state }) => state)), new Set(['polling']));
});

t.test('a socket of 12 that falls mute is found out by the safety poll', async () => {
  await using home = await watchedSimulator({}, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(300);
  const anna = await logIn(sim, 'anna', 'annapw');
  await wait(100);
  sim.sockets.mute(true);
  await anna.start(film(sim, 'Upstream'), { remote: true });
  await until('found by the safety poll', () => ear.streams().length === 1, 3000);
  await until('told', () => ear.state() === 'polling', 3000);
  sim.sockets.mute(false);
  await until('live with the next message', () => ear.state() === 'live', 5000);
});

t.test('a restart is survived and told as starting', async (t) => {
  await using home = await watchedSimulator({ restartMs: 2000 }, { clock: fastClock(5) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await sim.restart();
  await until('live again', () => ear.state() === 'live' && ear.states.length > 1);
  t.same(
    ear.states.map(({ state }) => state),
    ['live', 'starting', 'live'],
  );
  const anna = await logIn(sim, 'anna', 'annapw');
  await anna.start(film(sim, 'Upstream'), { remote: true });
  await until('heard', () => ear.streams().length === 1);
});

t.test('a server that stays away is unreachable, and comes back', async (t) => {
  await using home = await watchedSimulator({}, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await sim.powerOff();
  await until('unreachable', () => ear.state() === 'unreachable');
  t.same(
    ear.states.map(({ state }) => state),
    ['live', 'starting', 'unreachable'],
  );
  t.match(ear.states.at(-1)?.problem, /"main" refuses connections/);
  await sim.powerOn();
  await until('live', () => ear.state() === 'live');
});

t.test('a wrong key is told once and not tried again', async (t) => {
  await using home = await watchedSimulator({}, { apiKey: 'feedfeedfeedfeedfeedfeedfeedfeed', clock: fastClock(60) });
  const { sim, ear } = home;
  await until('refused', () => ear.state() === 'refused');
  t.match(ear.states[0]?.problem, /API key is not accepted/);
  t.notMatch(JSON.stringify(ear.states), /feedfeed/);
  await wait(2000);
  t.equal(ear.states.length, 1);
  t.equal(
    sim.requests().filter(({ path, by }) => path === '/Sessions' || by === 'socket').length,
    1,
    'one request in two minutes',
  );
  t.equal(ear.lists.length, 0);
});

t.test('a key that is taken away while all goes well', async () => {
  await using home = await watchedSimulator({}, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  sim.inject({ path: /^\/Sessions$/, answer: 401, times: 1 });
  await until('refused', () => ear.state() === 'refused');
  sim.clearFaults();
});

t.test('a cut-off viewer stays, with a check-in that grows old', async (t) => {
  await using home = await watchedSimulator({});
  const { sim, ear } = home;
  const anna = await logIn(sim, 'anna', 'annapw');
  await anna.start(film(sim, 'Upstream'), { remote: true });
  await until('heard', () => ear.streams().length === 1);
  const checkIn = ear.streams()[0]?.lastCheckInAt;
  const began = ear.streams()[0]?.startedAt;
  await until('time went by', () => (ear.streams()[0]?.positionMs ?? 0) >= 3000);
  t.equal(ear.streams()[0]?.lastCheckInAt, checkIn);
  t.equal(ear.streams()[0]?.startedAt, began, 'the server moves the position on: no seek');
  await anna.progress(film(sim, 'Upstream'), { remote: true, positionMs: 60_000 });
  await until('sought', () => ear.streams()[0]?.startedAt !== began);
  t.ok((ear.streams()[0]?.lastCheckInAt ?? 0) > (checkIn ?? 0));
});

t.test('stopping ends everything at once', async (t) => {
  const sim = await startJellyfinSimulator(HOME);
  t.teardown(() => sim[Symbol.asyncDispose]());
  const watch = watched(openTest(sim));
  await until('live', () => watch.ear.state() === 'live');
  const from = performance.now();
  await watch[Symbol.asyncDispose]();
  t.ok(performance.now() - from < 3_000, 'no poll and no grace is waited for');
  await until('the socket is closed', () => sim.sockets.count() === 0);
  const lists = watch.ear.lists.length;
  const anna = await logIn(sim, 'anna', 'annapw');
  await anna.start(film(sim, 'Upstream'));
  await wait(100);
  t.equal(watch.ear.lists.length, lists, 'and nothing is heard after it');
});

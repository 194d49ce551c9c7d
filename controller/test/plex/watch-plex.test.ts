// A watched Plex: what its notifications cost and bring, and everything that happens to its socket.
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import { fastClock, until, watched } from '../neighbours/watched.ts';
import { listening, looks, openTest, watchedPlex } from './watched-plex.ts';

const states = (ear: { states: readonly { state: string }[] }) => ear.states.map(({ state }) => state);

/** Nothing plays there; what its socket does is told. */
const scripted = async (connected: (socket: WebSocket) => void) => {
  const http = createServer((_request, response) => void response.end('{"MediaContainer":{"size":0}}'));
  new WebSocketServer({ server: http, autoPong: false }).on('connection', connected);
  return await listening(http);
};

t.test('a start is heard by notification though the list shows it later; so are pause, buffering and the end', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 200 });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(100);
  const before = looks(sim);
  const anna = sim.viewer({ user: 'anna' });
  const began = performance.now();
  await anna.play({ title: 'Film', reservedKbps: 12_000 });
  await until('heard', () => ear.streams().length === 1, 2500);
  t.ok((ear.lists.at(-1)?.heardAt ?? 0) - began < 2500);
  t.match(ear.streams()[0], { userName: 'anna', saidPlace: 'remote', reservedBps: 12_000_000, paused: false, title: 'Film' });
  t.ok(looks(sim) - before <= 4, `${looks(sim) - before} looks`);
  await anna.pause();
  await until('paused', () => ear.streams()[0]?.paused === true, 1000);
  await anna.resume();
  await until('plays', () => ear.streams()[0]?.paused === false, 1000);
  await anna.buffer();
  await until('buffers', () => ear.streams()[0]?.paused === true, 1000);
  const startedAt = ear.streams()[0]?.startedAt ?? 0;
  await anna.resume();
  await anna.seek(3_600_000);
  await until('sought', () => (ear.streams()[0]?.startedAt ?? 0) > startedAt, 2500);
  await anna.leave();
  await until('ended', () => ear.streams().length === 0, 2500);
  t.same(states(ear), ['live']);
  t.equal(sim.secretsInUrls(), 0);
});

t.test('progress costs nothing, nor does noise; events close together are one GET', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 0, progressMs: 50, noiseMs: 20 });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  const viewers = ['anna', 'ben', 'cleo'].map((user) => sim.viewer({ user }));
  await wait(100);
  const idle = looks(sim);
  for (const viewer of viewers) await viewer.play();
  await until('heard', () => ear.streams().length === 3);
  t.ok(looks(sim) - idle <= 3, `${looks(sim) - idle} looks for three starts`);
  await wait(300);
  const settled = looks(sim);
  await wait(500);
  t.equal(looks(sim), settled, 'ten rounds of progress for three viewers');
});

t.test('at rest one GET a minute; a server that answers no ping is left in peace', async (t) => {
  await using home = await watchedPlex({ answersPings: false }, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(300);
  const before = sim.requests().length;
  await wait(3200);
  const seen = sim.requests().length - before;
  t.ok(seen >= 2 && seen <= 4, `${seen} requests in 192 s`);
  t.same(states(ear), ['live']);
});

t.test('a notification in any form makes a look', async (t) => {
  const said = { sessionKey: 5, ratingKey: '9', state: 'playing', viewOffset: '0' };
  const wrapped = (told: unknown) =>
    JSON.stringify({ NotificationContainer: { type: 'playing', PlaySessionStateNotification: told } });
  const forms: readonly (readonly [string, string | Buffer])[] = [
    ['in a list', wrapped([said])],
    ['alone', wrapped(said)],
    ['binary', Buffer.from(wrapped([said]))],
    ['without a wrapper', JSON.stringify({ type: 'playing', PlaySessionStateNotification: [said] })],
    ['without a state', wrapped([{ sessionKey: '5' }])],
    ['beside one that is none', wrapped([null, said])],
    ['of nobody', wrapped([{ state: 'playing' }])],
    ['of nothing', JSON.stringify({ NotificationContainer: { type: 'playing', size: 1 } })],
  ];
  for (const [what, form] of forms) {
    const opened = Promise.withResolvers<WebSocket>();
    await using server = await scripted((socket) => opened.resolve(socket));
    await using watch = watched(openTest(server));
    await until('live', () => watch.ear.state() === 'live');
    const socket = await opened.promise;
    await wait(100);
    const lists = watch.ear.lists.length;
    socket.send('no JSON');
    socket.send(form);
    await until(what, () => watch.ear.lists.length > lists, 2000).catch(() => t.fail(what));
  }
});

t.test('a half-dead socket of a server that answers pings is replaced', async (t) => {
  let opened = 0;
  await using server = await scripted((socket) => {
    opened += 1;
    // It answers once, and then no more.
    socket.once('ping', () => socket.pong());
  });
  await using watch = watched(openTest(server, { clock: fastClock(60) }));
  await until('live', () => watch.ear.state() === 'live');
  await until('opened again', () => opened === 2, 5000);
  t.same(states(watch.ear), ['live']);
});

t.test('with the socket refused, polls find a start within 6 s; with it back, it is live', async (t) => {
  await using home = await watchedPlex({}, { clock: fastClock(10) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  sim.refuseSockets(true);
  sim.dropSockets();
  await until('polling', () => ear.state() === 'polling');
  t.match(ear.states.at(-1)?.problem, /WebSocket \(\/:\/websockets\/notifications\) cannot be opened/);
  const began = performance.now();
  await sim.viewer({ user: 'anna' }).play();
  await until('heard', () => ear.streams().length === 1);
  t.ok(performance.now() - began < 3_000, 'the safety poll would take 6 s of this clock');
  sim.refuseSockets(false);
  await until('live again', () => ear.state() === 'live');
  t.same(states(ear), ['live', 'polling', 'live']);
});

t.test('a socket that is cut is opened again, and nobody is told', async (t) => {
  await using home = await watchedPlex({}, { clock: fastClock(40) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(400);
  const before = looks(sim);
  sim.dropSockets();
  await until('a new one', () => sim.sockets() === 1);
  await until('a look at what was missed', () => looks(sim) > before);
  t.same(states(ear), ['live']);
});

t.test('a socket that opens and ends again and again is told once; the next one when it has stayed', async (t) => {
  let opened = 0;
  let ends = true;
  await using server = await scripted((socket) => {
    opened += 1;
    if (ends) setTimeout(() => socket.terminate(), 50);
  });
  await using watch = watched(openTest(server, { clock: fastClock(30) }));
  await until('opened time and again', () => opened >= 7);
  t.same(states(watch.ear), ['live', 'polling']);
  t.match(watch.ear.states.at(-1)?.problem, /cannot be opened|does not stay open/);
  ends = false;
  await until('live', () => watch.ear.state() === 'live');
  t.same(states(watch.ear), ['live', 'polling', 'live']);
});

t.test('a socket that falls mute is found out by the safety poll', async () => {
  await using home = await watchedPlex({ progressMs: 300 }, { clock: fastClock(60) });
  const { sim, ear } = home;
  await until('live', () => ear.state() === 'live');
  await wait(300);
  sim.muteSockets(true);
  await sim.viewer({ user: 'anna' }).play();
  await until('found by the safety poll', () => ear.streams().length === 1, 3000);
  await until('told', () => ear.state() === 'polling', 3000);
  sim.muteSockets(false);
  await until('live with the next report', () => ear.state() === 'live', 5000);
});

t.test('a plain poller opens no socket', async (t) => {
  await using home = await watchedPlex({ listDelayMs: 20 }, { useSocket: false, pollIntervalMs: 100 });
  const { sim, ear } = home;
  const anna = sim.viewer({ user: 'anna' });
  await anna.play({ title: 'One' });
  await until('heard', () => ear.streams().length === 1);
  await anna.leave();
  await until('ended', () => ear.streams().length === 0);
  t.same(new Set(sim.requests().map(({ path }) => path)), new Set(['/status/sessions']));
  t.match(ear.states, [{ state: 'polling', problem: null }]);
});

t.test('stopping ends everything at once', async (t) => {
  const sim = await startPlexSimulator();
  t.teardown(() => sim[Symbol.asyncDispose]());
  const watch = watched(openTest(sim));
  await until('live', () => watch.ear.state() === 'live');
  const from = performance.now();
  await sim.viewer({ user: 'anna' }).play();
  await watch[Symbol.asyncDispose]();
  t.ok(performance.now() - from < 3_000, 'no poll and no grace is waited for');
  await until('the socket is closed', () => sim.sockets() === 0);
});

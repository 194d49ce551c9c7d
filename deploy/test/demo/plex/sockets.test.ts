// The notifications: who hears them, when, and among what else; and what becomes of sockets.
import t from 'tap';
import { startPlexSimulator } from '../../../demo/plex/plex-simulator.ts';
import { ask, listed, listen, until } from './ask-plex.ts';

const silent = { noiseMs: 60_000 };

t.test('an upgrade needs a token in a header or in the address, and one in the address is counted', async (t) => {
  await using sim = await startPlexSimulator();
  for (const token of [null, 'wrong']) {
    await using socket = await listen(sim, token);
    t.equal(socket.refused, 401);
  }
  await using socket = await listen(sim);
  t.equal(socket.refused, null);
  t.equal(sim.sockets(), 1);
  t.equal(sim.secretsInUrls(), 0);
  await using loud = await listen(sim, null, `?X-Plex-Token=${sim.token}`);
  t.equal(loud.refused, null);
  t.equal(sim.secretsInUrls(), 1);
  t.match(sim.requests().at(-1), { method: 'GET', path: '/:/websockets/notifications', status: 101 });
  sim.refuseToken(true);
  await using refused = await listen(sim);
  t.equal(refused.refused, 401);
  t.notOk(socket.closed(), 'one that is open stays so');
});

t.test('a new socket hears nothing of what plays; a play is told before it is listed, a stop before it is gone', async (t) => {
  await using sim = await startPlexSimulator({ ...silent, listDelayMs: 800 });
  await sim.viewer({ user: 'anna' }).play();
  await until('listed', async () => (await listed(sim)).length === 1);
  await using socket = await listen(sim);
  await socket.ping();
  t.same(socket.heard, [], 'no snapshot');
  const viewer = sim.viewer({ user: 'ben' });
  await viewer.play();
  await until('told', () => socket.playing().length === 1);
  t.equal((await listed(sim)).length, 1, 'not listed yet');
  t.match(socket.heard[0], { type: 'playing', size: 1 });
  t.match(socket.playing()[0], {
    sessionKey: viewer.sessionKey(),
    ratingKey: String,
    key: /^\/library\/metadata\//,
    viewOffset: Number,
    state: 'playing',
    guid: '',
    url: '',
  });
  await until('listed', async () => (await listed(sim)).length === 2);
  await viewer.leave();
  await until('the stop is told', () => socket.playing().at(-1)?.state === 'stopped');
  t.equal((await listed(sim)).length, 2, 'still listed');
});

t.test('changes are told at once, progress of playing and paused ones again and again, also of transcodes', async (t) => {
  await using sim = await startPlexSimulator({ ...silent, progressMs: 100 });
  await using socket = await listen(sim);
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play({ transcode: true });
  await until('three reports', () => socket.playing().length >= 3);
  t.ok(socket.heard.some(({ type }) => type === 'transcodeSession.start'));
  t.ok(socket.heard.some(({ type }) => type === 'transcodeSession.update'));
  t.match(socket.playing()[0], { transcodeSession: String });
  await viewer.pause();
  await until('paused again and again', () => socket.playing().filter(({ state }) => state === 'paused').length >= 3);
  await viewer.buffer();
  await until('buffering', () => socket.playing().some(({ state }) => state === 'buffering'));
  await viewer.leave();
  await until('the end of the transcode', () => socket.heard.some(({ type }) => type === 'transcodeSession.end'));
});

t.test('a play may start buffering, and says playing later', async (t) => {
  await using sim = await startPlexSimulator({ ...silent, startState: 'buffering' });
  await using socket = await listen(sim);
  await sim.viewer({ user: 'anna' }).play();
  await until('both', () => socket.playing().length === 2);
  t.match(socket.playing(), [{ state: 'buffering' }, { state: 'playing' }]);
});

t.test('most that is told is nobody’s play, some of a kind that nobody knows', async (t) => {
  await using sim = await startPlexSimulator({ noiseMs: 5 });
  await using socket = await listen(sim);
  await ask(sim, '/:/prefs?WanPerStreamMaxUploadRate=2000', { method: 'PUT' });
  const types = () => new Set(socket.heard.map(({ type }) => type));
  await until('all kinds', () => types().size >= 10);
  t.ok(['timeline', 'activity', 'reachability', 'preference', 'something.newer'].every((type) => types().has(type)));
  t.ok(socket.playing().every((play) => !('sessionKey' in play) && play.state === 'stopped'));
  await using guest = await listen(sim, sim.guestToken);
  t.equal(guest.refused, null);
  await guest.ping();
  t.same(guest.heard, [], 'a shared user hears of his own plays only');
});

t.test('some players stop under a session key that nobody has heard of', async (t) => {
  await using sim = await startPlexSimulator({ ...silent, listDelayMs: 0 });
  await using socket = await listen(sim);
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play({ stopsUnderNewKey: true });
  await viewer.leave();
  await until('both', () => socket.playing().length === 2);
  t.match(socket.playing(), [
    { sessionKey: '1', state: 'playing' },
    { sessionKey: '2', state: 'stopped' },
  ]);
  await until('gone', async () => (await listed(sim)).length === 0);
});

t.test('a server that answers no pings still tells of plays', async (t) => {
  await using sim = await startPlexSimulator({ ...silent, answersPings: false });
  await using socket = await listen(sim);
  let answered = false;
  void socket.ping().then(() => {
    answered = true;
  });
  await sim.viewer({ user: 'anna' }).play();
  await until('told', () => socket.playing().length === 1);
  t.notOk(answered);
});

t.test('sockets are dropped, refused and muted on demand, and a ping is answered even then', async (t) => {
  await using sim = await startPlexSimulator(silent);
  await using socket = await listen(sim);
  sim.muteSockets(true);
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play();
  await socket.ping();
  t.same(socket.heard, []);
  sim.muteSockets(false);
  await viewer.pause();
  await until('heard', () => socket.playing().length === 1);
  sim.dropSockets();
  await until('cut', () => socket.closed());
  t.equal(sim.sockets(), 0);
  sim.refuseSockets(true);
  await using refused = await listen(sim);
  t.equal(refused.refused, 503);
  t.equal((await ask(sim, '/status/sessions')).status, 200);
});

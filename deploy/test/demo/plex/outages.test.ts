// Power cuts, silence, errors and garbage: what is forgotten, what is kept, and what comes back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { WebSocket } from 'ws';
import { makeCertificate } from '../../../../controller/test/http-client/make-certificate.ts';
import { startPlexSimulator } from '../../../demo/plex/plex-simulator.ts';
import { ask, listed, listen, until } from './ask-plex.ts';

t.test('a power cut closes sockets, refuses connections, forgets sessions and keeps preferences', async (t) => {
  await using sim = await startPlexSimulator({ listDelayMs: 0 });
  const { url } = sim;
  const anna = sim.viewer({ user: 'anna' });
  await anna.play();
  await sim.viewer({ user: 'ben' }).play();
  await until('listed', async () => (await listed(sim)).length === 2);
  await ask(sim, '/:/prefs?WanPerStreamMaxUploadRate=2000', { method: 'PUT' });
  await using socket = await listen(sim);
  await sim.powerOff();
  await until('closed', () => socket.closed());
  await t.rejects(ask(sim, '/identity'));
  await t.rejects(anna.play(), /off/);
  t.same(sim.traffic(), { upBps: 0 });
  await sim.powerOn();
  t.equal(sim.url, url);
  t.same(await listed(sim), []);
  t.equal(sim.preference('WanPerStreamMaxUploadRate'), 2_000);
  await anna.play();
  t.equal(anna.sessionKey(), '1', 'session keys start anew');
});

t.test('while it is stalled it takes connections and never answers, and a power cut ends them', async (t) => {
  await using sim = await startPlexSimulator();
  sim.stall(true);
  const hanging = ask(sim, '/identity');
  const asked = t.rejects(hanging);
  const socket = listen(sim);
  await until('both have come in', () => sim.requests().length === 2);
  t.match(sim.requests(), [{ status: 0 }, { status: 0 }]);
  sim.stall(false);
  t.equal((await ask(sim, '/identity')).status, 200);
  await sim.powerOff();
  await asked;
  socket.catch(() => undefined);
});

t.test('it fails with what is ordered, refuses the right token, and cuts its answers in the middle', async (t) => {
  await using sim = await startPlexSimulator();
  for (const status of [500, 503]) {
    sim.failWith(status);
    t.match(await ask(sim, '/status/sessions'), { status, type: 'text/html' });
    await using socket = await listen(sim);
    t.equal(socket.refused, status);
  }
  sim.failWith(null);
  sim.refuseToken(true);
  t.equal((await ask(sim, '/status/sessions')).status, 401);
  t.equal((await ask(sim, '/identity')).status, 200);
  sim.refuseToken(false);
  sim.garble(true);
  const broken = await ask(sim, '/status/sessions');
  t.match(broken, { status: 200, type: 'application/json' });
  t.throws(() => JSON.parse(broken.text));
  sim.garble(false);
  t.same(await listed(sim), []);
});

t.test('two simulators know nothing of each other', async (t) => {
  await using one = await startPlexSimulator({ listDelayMs: 0 });
  await using other = await startPlexSimulator({ listDelayMs: 0, token: 'another' });
  await one.viewer({ user: 'anna' }).play();
  await until('listed', async () => (await listed(one)).length === 1);
  t.same(await listed(other), []);
  t.equal((await ask(other, '/', { token: one.token })).status, 401);
});

t.test('with a certificate it speaks TLS alone, sockets too', async (t) => {
  const { key, cert } = await makeCertificate();
  await using sim = await startPlexSimulator({ tls: { key, cert } });
  t.match(sim.url, /^https:/);
  await t.rejects(ask(sim, '/identity'), 'nobody vouches for it');
  await t.rejects(fetch(`${sim.url.replace('https', 'http')}/identity`));
  const options = { ca: cert, headers: { 'X-Plex-Token': sim.token } };
  const socket = new WebSocket(`${sim.url.replace('http', 'ws')}/:/websockets/notifications`, options);
  await once(socket, 'open');
  t.equal(sim.sockets(), 1);
});

t.test('as a process of its own it tells where it is, plays what it is told to, and ends when it is asked to', async (t) => {
  const main = fileURLToPath(new URL('../../../demo/plex/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--token', 'secret', '--watching', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(String(line)) as { url: string };
  const headers = { Accept: 'application/json', 'X-Plex-Token': 'secret' };
  const size = async () => {
    const answer = (await (await fetch(`${url}/status/sessions`, { headers })).json()) as { MediaContainer: { size: number } };
    return answer.MediaContainer.size;
  };
  await until('two play', async () => (await size()) === 2);
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

// Sockets: who gets in, who hears what, and what becomes of the silent.
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, listen, logIn, until } from './authorized-fetch.ts';

const start = { MessageType: 'SessionsStart', Data: '0,1500' };

for (const version of ['12.0.0', '10.11.11']) {
  t.test(
    `${version}: a key hears of a start, a real progress and a stop at once, and of positions once per interval`,
    async (t) => {
      await using sim = await startJellyfinSimulator({ version, users: [{ name: 'anna' }] });
      const token = await logIn(sim.url, 'anna');
      await using socket = await listen(sim.url, sim.apiKey);
      await until('ForceKeepAlive', () => socket.heard.length > 0);
      t.match(socket.heard[0], { MessageType: 'ForceKeepAlive', Data: 60 });
      socket.send(start);
      await until('subscribed', async () => {
        await ask(`${sim.url}/Sessions/Capabilities/Full`, 'POST', token, {});
        return socket.count('Sessions') > 0;
      });
      const before = socket.count('Sessions');
      const report = { ItemId: sim.items.find((item) => item.type === 'Movie')?.id, PositionTicks: 0 };
      await ask(`${sim.url}/Sessions/Playing`, 'POST', token, report);
      await until('the start', () => socket.count('Sessions') === before + 1, 1000);
      await ask(`${sim.url}/Sessions/Playing/Progress`, 'POST', token, { ...report, PositionTicks: 50_000_000 });
      await until('the progress', () => socket.count('Sessions') === before + 2, 1000);
      await until('an automated position', () => socket.count('Sessions') >= before + 3);
      const [real, automated] = socket.heard.filter((message) => message.MessageType === 'Sessions').slice(before + 1);
      t.ok(real && automated && automated.at - real.at >= 1400, 'not before the interval is over');
      const shown = ((automated?.Data ?? []) as { NowPlayingItem?: unknown; PlayState: { PositionTicks?: number } }[]).find(
        (session) => session.NowPlayingItem,
      );
      t.ok((shown?.PlayState.PositionTicks ?? 0) > 50_000_000, 'the server itself moved the position on');
      const last = socket.count('Sessions');
      await ask(`${sim.url}/Sessions/Playing/Stopped`, 'POST', token, report);
      await until('the stop', () => socket.count('Sessions') > last, 1000);
    },
  );
}

t.test('10.10 swallows a key’s subscription without a word, an admin’s works', async (t) => {
  await using sim = await startJellyfinSimulator({ version: '10.10.7', users: [{ name: 'anna' }] });
  const token = await logIn(sim.url, 'anna');
  await using mute = await listen(sim.url, sim.apiKey, 'mute');
  await using admin = await listen(sim.url, await logIn(sim.url, 'admin'), 'admin');
  for (const socket of [mute, admin]) socket.send(start);
  await until('the admin hears', async () => {
    await ask(`${sim.url}/Sessions/Capabilities/Full`, 'POST', token, {});
    return admin.count('Sessions') > 0;
  });
  mute.send({ MessageType: 'KeepAlive' });
  await until('the keep-alive is answered', () => mute.count('KeepAlive') === 1);
  t.equal(mute.count('Sessions'), 0);
});

t.test('10.11 and later show a viewer its own sessions only, without paths', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }, { name: 'ben' }] });
  const [anna, ben] = [await logIn(sim.url, 'anna'), await logIn(sim.url, 'ben')];
  await using socket = await listen(sim.url, anna, 'anna');
  socket.send(start);
  await until('a message', async () => {
    await ask(`${sim.url}/Sessions/Capabilities/Full`, 'POST', ben, {});
    return socket.count('Sessions') > 0;
  });
  const names = ((socket.heard.find((message) => message.MessageType === 'Sessions')?.Data ?? []) as { UserName?: string }[]).map(
    (session) => session.UserName,
  );
  t.ok(names.includes('anna'));
  t.notOk(names.includes('ben'));
});

t.test('a silent socket is reminded at four fifths and lost at the end; a policy write says nothing to anyone', async (t) => {
  await using sim = await startJellyfinSimulator({ socketSilenceMs: 3_000, users: [{ name: 'anna' }] });
  await using silent = await listen(sim.url, sim.apiKey, 'silent');
  await using live = await listen(sim.url, sim.apiKey, 'live');
  const timer = setInterval(() => live.send({ MessageType: 'KeepAlive' }), 300);
  t.teardown(() => clearInterval(timer));
  live.send(start);
  const heard = live.heard.length;
  const anna = sim.users.byName('anna');
  const written = await ask(`${sim.url}/Users/${anna?.id}/Policy`, 'POST', sim.apiKey, {
    ...anna?.policy,
    RemoteClientBitrateLimit: 1_000_000,
  });
  t.equal(written.status, 204);
  await until('lost', () => silent.closed());
  t.equal(silent.count('ForceKeepAlive'), 2);
  t.equal(live.closed(), false);
  const [write] = live.heard.slice(heard).filter((message) => message.MessageType !== 'KeepAlive');
  t.match(write, { MessageType: 'Sessions' }, 'the first thing heard is that the silent one left');
  t.equal(sim.sockets.count(), 1);
});

t.test('sockets can be refused, cut and muted', async (t) => {
  await using sim = await startJellyfinSimulator();
  sim.sockets.refuse(true);
  t.equal((await listen(sim.url, sim.apiKey)).refused, 503);
  sim.sockets.refuse(false);
  t.equal((await listen(sim.url, 'f'.repeat(32))).refused, 403);
  sim.sockets.closeNext();
  await using short = await listen(sim.url, sim.apiKey, 'short');
  await until('closed', () => short.closed());
  await using socket = await listen(sim.url, sim.apiKey);
  sim.sockets.mute(true);
  socket.send({ MessageType: 'KeepAlive' });
  sim.sockets.drop();
  await until('cut', () => socket.closed());
  t.equal(socket.count('KeepAlive'), 0);
});

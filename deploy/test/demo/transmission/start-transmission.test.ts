// The real transmission-daemon comes, stays itself over restarts, and leaves nothing behind.
import { access } from 'node:fs/promises';
import t from 'tap';
import { hasTransmission, startTransmission } from '../../../demo/transmission/start-transmission.ts';

const skip = !(await hasTransmission()) && 'transmission-daemon is not installed';
const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
  const answer = await fetch(url, { headers, redirect: 'manual' });
  await answer.text();
  return answer.status;
};

t.test('it asks for a session id on loopback, and its folder goes with it', { skip }, async (t) => {
  const gone = await startTransmission({ settings: { 'speed-limit-up': 700 } });
  t.equal(await statusOf(`${gone.url}/transmission/rpc`), 409);
  t.match(await gone.savedSettings(), { 'speed-limit-up': 700, 'rpc-authentication-required': false });
  await gone[Symbol.asyncDispose]();
  await t.rejects(access(gone.configDir));
  await t.rejects(statusOf(gone.url));
});

t.test('password, path and whitelist are as wanted', { skip }, async (t) => {
  await using locked = await startTransmission({ password: 'secret', rpcPath: '/torrents/' });
  const rpc = `${locked.url}/torrents/rpc`;
  const authorization = `Basic ${Buffer.from(`${locked.username}:${locked.password}`).toString('base64')}`;
  t.equal(await statusOf(rpc), 401);
  t.equal(await statusOf(rpc, { authorization }), 409);
  t.equal(await statusOf(`${locked.url}/transmission/rpc`, { authorization }), 301);
  await using closed = await startTransmission({ whitelist: '192.0.2.1' });
  t.equal(await statusOf(`${closed.url}/transmission/rpc`), 403);
});

t.test('killed it forgets what was set, stopped it saves that, and it comes back at the same place', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const url = `${daemon.url}/transmission/rpc`;
  const set = async (kB: number): Promise<void> => {
    const id = (await fetch(url)).headers.get('x-transmission-session-id') ?? '';
    const body = JSON.stringify({ method: 'session-set', arguments: { 'speed-limit-up': kB } });
    await (await fetch(url, { method: 'POST', headers: { 'x-transmission-session-id': id }, body })).text();
  };
  await set(333);
  await daemon.kill();
  await t.rejects(statusOf(url));
  t.match(await daemon.savedSettings(), { 'speed-limit-up': 100 });
  await daemon.start();
  await set(444);
  await daemon.stop();
  t.match(await daemon.savedSettings(), { 'speed-limit-up': 444 });
  await daemon.start();
  t.equal(await statusOf(url), 409);
});

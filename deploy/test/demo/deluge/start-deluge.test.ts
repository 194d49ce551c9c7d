// The real deluged and deluge-web come, talk to loopback only, stay themselves over restarts, and leave nothing behind.
import { execFileSync } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { startDeluge } from '../../../demo/deluge/start-deluge.ts';

const ask = async (url: string, method: string, params: unknown[], cookie = '') => {
  const answer = await fetch(`${url}/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ method, params, id: 1 }),
  });
  const { result } = (await answer.json()) as { result: unknown };
  return { result, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
};

/** Children of this test that still run. Their command lines tell little: both change their names. */
const children = async (): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, i) => Number(stats[i]?.split(') ')[1]?.split(' ')[1]) === process.pid).map(Number);
};

/** Local addresses of their sockets, but for those that are bound to loopback. */
const strayAddresses = async (): Promise<string[]> => {
  const pids = await children();
  const lines = execFileSync('ss', ['-Htunap'], { encoding: 'utf8' }).split('\n');
  const theirs = lines.filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)));
  const addresses = theirs.map((line) => line.split(/\s+/)[4] ?? line);
  return addresses.filter((address) => !/^127\.0\.0\.1(%lo)?:\d+$/.test(address));
};

t.test('a pair that knows its password, its limits and its daemon goes with everything that it had', async (t) => {
  const strays = new Set<string>();
  const starting = startDeluge({ password: 'sesame', connected: true, settings: { max_upload_speed: 7 } });
  let started = false;
  const settled = (): void => {
    started = true;
  };
  starting.then(settled, settled);
  // From its first moment on: libtorrent would listen everywhere until Deluge's own settings are read.
  while (!started) for (const address of await strayAddresses()) strays.add(address);
  const deluge = await starting;
  t.equal((await ask(deluge.url, 'auth.login', ['deluge'])).result, false);
  const { result, cookie } = await ask(deluge.url, 'auth.login', ['sesame']);
  t.equal(result, true);
  t.equal((await ask(deluge.url, 'core.get_config_value', ['max_upload_speed'], cookie)).result, 7);
  t.equal((await ask(deluge.url, 'core.get_config_value', ['max_download_speed'], cookie)).result, -1, 'as packaged');

  for (const address of await strayAddresses()) strays.add(address);
  t.same([...strays], [], 'nothing beyond loopback');
  t.equal((await children()).length, 2);

  await deluge[Symbol.asyncDispose]();
  t.same(await children(), []);
  await t.rejects(access(deluge.configDir));
});

t.test('as packaged, deluge-web is connected to nothing; both are killed and started again at their places', async (t) => {
  await using deluge = await startDeluge();
  const url = deluge.url;
  const { cookie } = await ask(url, 'auth.login', ['deluge']);
  t.equal((await ask(url, 'web.connected', [], cookie)).result, false);
  const { result } = await ask(url, 'web.get_hosts', [], cookie);
  const [[id]] = result as [[string]];
  await ask(url, 'web.connect', [id], cookie);
  await ask(url, 'core.set_config', [{ max_upload_speed: 9 }], cookie);
  await deluge.stopDaemon();
  await deluge.killWeb();
  await t.rejects(ask(url, 'web.connected', []));
  await Promise.all([deluge.startDaemon(), deluge.startWeb()]);
  const { cookie: again } = await ask(url, 'auth.login', ['deluge']);
  await ask(url, 'web.connect', [id], again);
  t.equal((await ask(url, 'core.get_config_value', ['max_upload_speed'], again)).result, 9);
});

// No secret shows: not in logs at their most talkative, not in the process list, not in any answer, not in a request's address.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { observeHome } from '../../demo/home-observer.ts';
import { createProgram } from '../../demo/program.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from './fixtures/api.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { PEOPLE, watchFromOutside } from './fixtures/watched-home.ts';

t.test('no secret shows anywhere (rows 39, 136)', async (t) => {
  const home = await startSimulatedHome({ jellyfin: { users: PEOPLE } });
  t.teardown(() => home[Symbol.asyncDispose]());
  const secrets: Record<string, string> = {
    'Jellyfin key': home.jellyfin.apiKey,
    'torrent password': 'a-torrent-password',
    'administrator password': home.adminPassword,
    'agent password': 'an-agent-password',
    'house password': home.mqttUser.password,
    'router password': home.router.password,
  };
  const controller = createProgram({
    name: 'talkative',
    args: [new URL('../../../controller/src/main.ts', import.meta.url).pathname, '--config', home.configFile, '--verbose'],
    readyText: 'Headgate runs',
  });
  t.teardown(() => controller[Symbol.asyncDispose]());
  await controller.start();
  await home.agent.start();
  const observer = await observeHome(home);
  t.teardown(() => observer[Symbol.asyncDispose]());
  const api = await logIn(home);
  const made = (await api.call('POST', '/api/tokens', { name: 'secret', scope: 'write' })).body as { readonly token: string };
  secrets['API token'] = made.token;
  await watchFromOutside(home);
  await until('the stream counts', () => observer.state()?.remote_streams === 1, { show: observer.state });
  // Peers that fail are when programs talk too much.
  await home.jellyfin.powerOff();
  home.torrents.simulator?.disturb(null);
  await home.torrents.simulator?.stop();
  await until('told as dead', async () => (await fetch(`${home.httpUrl}/readyz`)).status === 503);
  const process = async (pid: number | undefined): Promise<string> =>
    `${await readFile(`/proc/${pid}/cmdline`, 'utf8')}\n${await readFile(`/proc/${pid}/environ`, 'utf8')}`;
  const paths = [
    '/api/bandwidth',
    '/api/bandwidth/streams',
    '/api/bandwidth/decisions',
    '/api/telemetry',
    '/api/tokens',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/docs',
  ];
  const test = await runCommand(['--config', home.configFile, '--test']);
  const places: Record<string, string> = {
    'log of the controller': JSON.stringify(controller.lines()) + controller.other(),
    'log of the agent': JSON.stringify(home.agent.lines()) + home.agent.other(),
    'process list': (await Promise.all([controller.pid, home.agent.pid].map(process))).join('\n'),
    'answers of the API': (await Promise.all(paths.map(async (path) => (await api.call('GET', path)).text))).join('\n'),
    'probes without a log-in': await (await fetch(`${home.httpUrl}/readyz`)).text(),
    'MQTT messages': JSON.stringify([...observer.newest()]),
    'output of --test': test.stdout + test.stderr,
    'addresses of requests at Jellyfin': JSON.stringify(home.jellyfin.requests()),
    'addresses of requests at qBittorrent': JSON.stringify(home.torrents.simulator?.requests().map(({ path }) => path)),
  };
  for (const [place, text] of Object.entries(places)) {
    t.ok(text.length > 20, `${place}: there is something to look at`);
    for (const [name, secret] of Object.entries(secrets)) t.notOk(text.includes(secret), `${name} is not in the ${place}`);
  }
  t.ok(
    controller.lines().some(({ level }) => level === 'debug'),
    '--verbose shows more (row 197)',
  );
});

// No secret shows: not in logs at their most talkative, not in the process list, not in any answer, not in a request's address.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { observeHome } from '../../demo/home-observer.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from './fixtures/api.ts';
import { addLockedTransmission } from './fixtures/many-clients.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { writeVariant } from './fixtures/variant.ts';
import { PEOPLE, watchFromOutside } from './fixtures/watched-home.ts';

const WRONG = 'wrong-secret-0123456789abcdef012';

t.test('no secret shows anywhere (rows 39, 136)', async (t) => {
  const home = await startSimulatedHome({ jellyfin: { users: PEOPLE }, plex: {}, clients: ['deluge', 'sabnzbd'] });
  t.teardown(() => home[Symbol.asyncDispose]());
  const transmission = await addLockedTransmission(t, home);
  const { username, password } = transmission;
  const { plex } = home;
  const { deluge, sabnzbd } = home.clients;
  if (!plex || !deluge || !sabnzbd) throw new Error('somebody is missing');
  const secrets: Record<string, string> = {
    'Jellyfin key': home.jellyfin.apiKey,
    'password of qBittorrent and Deluge': 'a-torrent-password',
    'Transmission password': password,
    'Transmission log-in': Buffer.from(`${username}:${password}`).toString('base64'),
    'Plex token': plex.token,
    'SABnzbd key': sabnzbd.apiKey,
    'administrator password': home.adminPassword,
    'agent password': 'an-agent-password',
    'house password': home.mqttUser.password,
    'router password': home.router.password,
  };
  const controller = createProgram({
    name: 'talkative',
    args: [programPath('controller'), '--config', home.configFile, '--verbose'],
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
  const isMissing = (name: string) => async (): Promise<boolean> =>
    (await (await fetch(`${home.httpUrl}/readyz`)).text()).includes(`"name":"${name}","ok":false`);
  // Peers that fail are when programs talk too much: refusals first, then nobody there at all.
  plex.refuseToken(true);
  plex.dropSockets();
  home.torrents.simulator?.setPassword('another');
  home.torrents.simulator?.expireSessions();
  sabnzbd.failWith(403);
  await Promise.all(['cinema', 'qbit', 'usenet'].map((name) => until(`${name} refuses`, isMissing(name))));
  await home.jellyfin.powerOff();
  await Promise.all([
    plex.powerOff(),
    home.torrents.simulator?.stop(),
    sabnzbd.powerOff(),
    deluge.killWeb(),
    transmission.kill(),
  ]);
  for (const name of ['main', 'deluge', 'transmission']) await until(`${name} is told as dead`, isMissing(name));
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
  const dead = await runCommand(['--config', home.configFile, '--test']);
  await Promise.all([
    plex.powerOn(),
    home.torrents.simulator?.start(),
    sabnzbd.powerOn(),
    deluge.startWeb(),
    transmission.start(),
  ]);
  const wrong = await writeVariant(home, 'wrong-secrets', (config) => {
    config.database['path'] = join(home.folder, 'elsewhere');
    for (const each of [...config.media_servers, ...config.torrent_clients])
      for (const key of ['api_key', 'password']) if (key in each) each[key] = WRONG;
  });
  secrets['what was given instead'] = WRONG;
  const refused = await Promise.all(
    ['plex', 'torrents'].map((part) => runCommand(['--config', wrong, '--verbose', '--test', part])),
  );
  for (const { code } of [dead, ...refused]) t.equal(code, 1);
  const places: Record<string, string> = {
    'log of the controller': JSON.stringify(controller.lines()) + controller.other(),
    'log of the agent': JSON.stringify(home.agent.lines()) + home.agent.other(),
    'process list': (await Promise.all([controller.pid, home.agent.pid].map(process))).join('\n'),
    'answers of the API': (await Promise.all(paths.map(async (path) => (await api.call('GET', path)).text))).join('\n'),
    'probes without a log-in': await (await fetch(`${home.httpUrl}/readyz`)).text(),
    'MQTT messages': JSON.stringify([...observer.newest()]),
    'output of --test': [dead, ...refused].map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    'addresses of requests at Jellyfin': JSON.stringify(home.jellyfin.requests()),
    'addresses of requests at Plex': JSON.stringify(plex.requests()),
    'addresses of requests at SABnzbd': JSON.stringify(sabnzbd.requests().map(({ path }) => path)),
    'addresses of requests at qBittorrent': JSON.stringify(home.torrents.simulator?.requests().map(({ path }) => path)),
  };
  for (const [place, text] of Object.entries(places)) {
    t.ok(text.length > 20, `${place}: there is something to look at`);
    for (const [name, secret] of Object.entries(secrets)) t.notOk(text.includes(secret), `${name} is not in the ${place}`);
  }
  t.same([plex.secretsInUrls(), sabnzbd.secretsInUrls()], [0, 0], 'by their own count');
  t.ok(
    controller.lines().some(({ level }) => level === 'debug'),
    '--verbose shows more (row 197)',
  );
});

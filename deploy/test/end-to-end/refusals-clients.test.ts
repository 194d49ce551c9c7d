// A wrong secret at each download client: tried once, told once, named by the probe; the others go on.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type ListeningProxy, startListeningProxy } from '../../../controller/test/deluge/start-listening-proxy.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { addLockedTransmission, configure } from './fixtures/many-clients.ts';
import { until } from './fixtures/until.ts';

type Probe = { readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly problem: string | null }[] };

const WRONG = 'ffffffffffffffffffffffffffffffff';
/** By client: what the probe says of it. */
const PROBLEMS = { deluge: /password/, transmission: /username or password/, usenet: /API key/ };

t.test('a wrong secret is tried once and told once; what is right goes on (row 187)', async (t) => {
  const home = await startSimulatedHome({ clients: ['deluge', 'sabnzbd'], withAgent: false });
  t.teardown(() => home[Symbol.asyncDispose]());
  const { deluge, sabnzbd } = home.clients;
  if (!deluge || !sabnzbd) throw new Error('somebody is missing');
  const transmission = await addLockedTransmission(t, home);
  const asked: Record<string, ListeningProxy> = {};
  for (const { name, url } of [
    { name: 'deluge', url: deluge.url },
    { name: 'transmission', url: transmission.url },
  ]) {
    const proxy = await startListeningProxy(url);
    t.teardown(() => proxy[Symbol.asyncDispose]());
    asked[name] = proxy;
  }
  await configure(home, (config) => {
    for (const client of config.torrent_clients) {
      client['poll_interval'] = '1s';
      client['url'] = asked[String(client['name'])]?.url ?? client['url'];
      for (const key of ['password', 'api_key']) if (key in client && client['name'] !== 'qbit') client[key] = WRONG;
    }
  });
  sabnzbd.clearRequests();
  await home.controller.start();
  const checks = async () => ((await (await fetch(`${home.httpUrl}/readyz`)).json()) as Probe).checks;
  const problemOf = async (client: string) => (await checks()).find(({ name }) => name === client)?.problem ?? null;
  for (const [client, problem] of Object.entries(PROBLEMS))
    await until(`${client} is named`, async () => problem.test((await problemOf(client)) ?? ''), { show: () => client });
  await wait(4_000);
  t.equal(asked['deluge']?.methods.filter((method) => method === 'auth.login').length, 1, 'one log-in at Deluge');
  t.equal(asked['transmission']?.methods.length, 1, 'one request at Transmission, which counts them');
  t.equal(sabnzbd.requests().length, 1, 'one at SABnzbd, whose user sees a warning for each');
  for (const client of Object.keys(PROBLEMS)) {
    const told = home.controller.lines().filter((line) => line['client'] === client && line.level === 'warn');
    t.equal(told.length, 1, `${client}: ${JSON.stringify(told)}`);
    t.match(told[0], { state: 'refused', problem: PROBLEMS[client as keyof typeof PROBLEMS] });
  }
  t.equal(await problemOf('qbit'), null);
  t.equal(await home.controller.stop(), 0);
});

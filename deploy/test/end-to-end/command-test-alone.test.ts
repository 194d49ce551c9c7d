// `--test` without a running Headgate: no router agent, no broker, hosts that do not answer.
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../demo/free-port.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { runCommand } from './fixtures/run-command.ts';
import { type HomeConfig, writeVariant } from './fixtures/variant.ts';

t.test('--test with nobody running', async (t) => {
  const home = await startSimulatedHome();
  t.teardown(() => home[Symbol.asyncDispose]());
  // A broker port each, since they run together.
  const own = async (name: string, change: (config: HomeConfig) => void) => {
    const port = await freePort();
    return await writeVariant(home, name, (config) => {
      config.database['path'] = join(home.folder, name);
      config.mqtt['listen'] = `127.0.0.1:${port}`;
      change(config);
    });
  };
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  t.teardown(() => mute.close());
  const address = mute.address();
  const mutePort = typeof address === 'object' ? address?.port : 0;
  const deadPort = await freePort();
  const cases = [
    { name: 'no-agent', part: 'router', fails: /FAIL router: no router agent was heard within 10 s/, change: () => {} },
    {
      name: 'no-broker',
      part: 'mqtt',
      fails: /FAIL mqtt: /,
      change: (config: HomeConfig) => {
        config.mqtt = { broker: `mqtt://127.0.0.1:${deadPort}` };
      },
    },
    {
      name: 'mute-jellyfin',
      part: 'jellyfin',
      fails: /FAIL main: /,
      change: (config: HomeConfig) => {
        for (const server of config.media_servers) server['url'] = `http://127.0.0.1:${mutePort}`;
      },
    },
    {
      name: 'mute-torrents',
      part: 'torrents',
      fails: /FAIL qbit: /,
      change: (config: HomeConfig) => {
        for (const client of config.torrent_clients) client['url'] = `http://127.0.0.1:${mutePort}`;
      },
    },
    {
      name: 'two-dead',
      part: 'all',
      fails: /FAIL main: .*[\s\S]*FAIL qbit: /,
      change: (config: HomeConfig) => {
        // What ffmpeg can do is no matter of peers, and takes its time on a busy machine.
        config['channels'] = { enabled: false };
        for (const each of [...config.media_servers, ...config.torrent_clients]) each['url'] = `http://127.0.0.1:${deadPort}`;
      },
    },
  ];
  const withoutRouter = (name: string, upload: number | 'auto') =>
    own(name, (config) => {
      config.mqtt['users'] = (config.mqtt['users'] as readonly { readonly role: string }[]).filter(
        ({ role }) => role !== 'router',
      );
      config['uplink'] = { upload };
    });
  const [typed, unknown] = await Promise.all(
    [await withoutRouter('typed', 40), await withoutRouter('unknown', 'auto')].map((path) =>
      runCommand(['--config', path, '--test', 'router']),
    ),
  );
  await t.test('a home that has no router agent is none with a fault, as long as the rate is written', async (t) => {
    t.match(typed, { code: 0, stdout: /^PASS router: none is configured: .*40\.0 Mbit\/s/ });
    t.match(unknown, { code: 1, stdout: /^FAIL router: uplink\.upload is auto, .*mqtt\.users/ });
    t.ok((typed?.ms ?? 0) < 9_000, 'nobody is waited for');
  });
  // Together: each waits for an answer that does not come.
  const ended = await Promise.all(
    cases.map(async ({ name, part, change }) => runCommand(['--config', await own(name, change), '--test', part])),
  );
  for (const [i, { name, fails, part }] of cases.entries()) {
    await t.test(`${name}: exit 1 within the time limit, naming it (rows 37, 46, 53, 59)`, async (t) => {
      const { code, stdout, stderr, ms } = ended[i] ?? { code: null, stdout: '', stderr: '', ms: 0 };
      t.equal(code, 1, stderr);
      t.match(stdout, fails);
      t.ok(ms < 20_000 || part === 'all', `${Math.round(ms)} ms`);
    });
  }
});

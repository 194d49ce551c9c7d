// Starts that must fail, or must not try twice: a second instance, a wrong password, broken and missing configuration.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { writeVariant } from './fixtures/variant.ts';

const MAIN = programPath('controller');

t.test('two instances, and a wrong password', async (t) => {
  const home = await startSimulatedHome({ withAgent: false });
  t.teardown(() => home[Symbol.asyncDispose]());
  home.torrents.simulator?.setPassword('somebody changed it');
  await home.start();

  await t.test('a second instance is refused with a sentence (row 61)', async (t) => {
    const second = await writeVariant(home, 'second', (config) => {
      config.http['listen'] = '127.0.0.1:0';
      config.mqtt['listen'] = '127.0.0.1:0';
    });
    const { code, stdout, stderr } = await runCommand(['--config', second]);
    t.equal(code, 1);
    t.match(`${stdout}${stderr}`, /Another Headgate has the database in .* open/);
    t.equal((await fetch(`${home.httpUrl}/healthz`)).status, 200, 'the first one runs on');
  });

  await t.test('a wrong qBittorrent password is tried once, told, and not tried again (row 187)', async (t) => {
    const tries = () => home.torrents.simulator?.requests().filter(({ path }) => path === 'auth/login').length ?? 0;
    await home.controller.waitFor(({ part, level }) => part === 'torrents' && level !== 'info');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    t.equal(tries(), 1, 'a ban comes after five');
    const ready = (await (await fetch(`${home.httpUrl}/readyz`)).json()) as {
      readonly checks: readonly { name: string; problem: string | null }[];
    };
    t.match(ready.checks.find(({ name }) => name === 'qbit')?.problem, /password/);
  });

  await t.test('killed: its lock does not block the next start (row 61)', async (t) => {
    await home.controller.kill();
    t.ok(await stat(join(home.dataFolder, 'lock')), 'the file is still there');
    await home.controller.start();
    t.pass('it runs');
  });
});

t.test('configuration', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-configuration-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const start = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return await runCommand(['-c', name], { cwd: folder });
  };

  await t.test('five broken files: exit 1, each fault with file, line and key (row 34)', async (t) => {
    const cases = [
      ['unknown-key.yaml', 'bandwidth:\n  algoritm: equal\n', /unknown-key\.yaml:2:\d+: bandwidth\.algoritm: .*algorithm/],
      [
        'min-over-max.yaml',
        'bandwidth:\n  min_per_viewer: 9\n  max_per_viewer: 5\n',
        /min-over-max\.yaml:3:\d+: bandwidth\.max_per_viewer: must be more than/,
      ],
      [
        'bad-range.yaml',
        'network:\n  local_ranges:\n    - 192.168.0.0/99\n',
        /bad-range\.yaml:3:\d+: network\.local_ranges\[0\]: /,
      ],
      ['no-yaml.yaml', 'home:\n  name: [Home\nhttp: }\n', /no-yaml\.yaml:\d+:\d+: /],
      [
        'no-key.yaml',
        'media_servers:\n  - name: main\n    type: jellyfin\n    url: http://127.0.0.1:8096\n',
        /no-key\.yaml:\d+:\d+: media_servers\[0\]\.api_key_file: is missing/,
      ],
    ] as const;
    for (const [name, text, says] of cases) {
      const { code, stderr, stdout } = await start(name, text);
      t.equal(code, 1, name);
      t.match(stderr, says);
      t.equal(stdout, '', 'nothing else is said');
      t.notMatch(stderr, /\n\s+at /, 'no stack trace');
    }
  });

  await t.test('a file that is named and not there: exit 1 naming it (row 49)', async (t) => {
    const { code, stderr } = await runCommand(['--config', join(folder, 'nowhere.yaml')]);
    t.equal(code, 1);
    t.match(stderr, /nowhere\.yaml/);
  });

  await t.test('flags that there are not: exit 1', async (t) => {
    for (const args of [['--dryrun'], ['start'], ['--config']])
      t.equal((await runCommand(args, { cwd: folder })).code, 1, args.join(' '));
    const { code, stdout } = await runCommand(['--help'], { cwd: folder });
    t.equal(code, 0);
    t.match(stdout, /--restore/);
    t.match((await runCommand(['--version'], { cwd: folder })).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  await t.test('no file at all: runs on loopback, makes its password, says what to do next', async (t) => {
    const state = join(folder, 'state');
    const env = { XDG_STATE_HOME: state, XDG_CONFIG_HOME: join(folder, 'none'), HOME: folder, HEADGATE_CONFIG: '' };
    const free = (await Promise.all([8400, 1883].map(isFree))).every(Boolean);
    if (!free) {
      t.comment('8400 or 1883 is taken on this machine: only the refusal can be seen');
      t.match((await runCommand([], { cwd: folder, env })).stderr, /8400|1883/);
      return;
    }
    const bare = createProgram({ name: 'bare', args: [MAIN], env, cwd: folder, readyText: 'Headgate runs' });
    t.teardown(() => bare[Symbol.asyncDispose]());
    await bare.start();
    const said = JSON.stringify(bare.lines());
    t.match(said, /there is no configuration file.*deploy\/examples\/controller\.yaml/);
    const path = join(state, 'headgate', 'admin-password');
    t.equal((await stat(path)).mode & 0o777, 0o600);
    const password = (await readFile(path, 'utf8')).trim();
    t.ok(said.includes(path), 'the log names the file');
    t.notOk(said.includes(password) || bare.other().includes(password), 'and not the password: this is no terminal');
    const login = await fetch('http://127.0.0.1:8400/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    });
    t.equal(login.status, 200);
    await until('stopped', async () => (await bare.stop()) === 0);
  });
});

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

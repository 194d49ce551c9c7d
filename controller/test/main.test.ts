// The program from outside: what it does where a door is taken, and where it is told to stop more than once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { programPath } from '../../deploy/demo/our-programs.ts';

const MAIN = programPath('controller');
const MOST_MS = 20_000;

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

async function controller(httpPort: number, more = ''): Promise<{ readonly child: ChildProcess; said(): string; data: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-main-'));
  const data = join(folder, 'data');
  const config = `
http: { listen: "127.0.0.1:${httpPort}" }
auth: { admin_password: a-password-of-ours }
database: { path: ${data} }
mqtt: { listen: "127.0.0.1:0" }
uplink: { upload: 20 }
logging: { format: json }
${more}`;
  await writeFile(join(folder, 'controller.yaml'), config, { mode: 0o600 });
  const child = spawn(process.execPath, [MAIN, '--config', join(folder, 'controller.yaml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return { child, said: () => text, data };
}

/** The exit code; null where it died of a signal, 'alive' where it still ran after 20 s. */
async function endOf(child: ChildProcess): Promise<unknown> {
  const limit = AbortSignal.timeout(MOST_MS);
  return await once(child, 'exit', { signal: limit }).then(
    ([code]) => code as unknown,
    () => 'alive',
  );
}

t.test('a taken HTTP port ends the program with one sentence and exit code 1', async (t) => {
  const { server, port } = await listening();
  t.teardown(() => server.close());
  const { child, said } = await controller(port);
  t.equal(await endOf(child), 1);
  t.match(said(), `http.listen: 127.0.0.1:${port} is taken`);
  t.notMatch(said(), 'already been destroyed', 'no loop went on behind it');
});

t.test('a second stop signal does not cut the first one short', async (t) => {
  // A Jellyfin that takes connections and never answers keeps the stop busy.
  const hanging = await listening();
  t.teardown(() => hanging.server.close());
  const jellyfin = `media_servers: [{ name: main, type: jellyfin, url: "http://127.0.0.1:${hanging.port}", api_key: 0123456789abcdef0123456789abcdef }]`;
  const { child, said, data } = await controller(0, jellyfin);
  while (!said().includes('Headgate runs')) await once(child.stdout ?? child, 'data', { signal: AbortSignal.timeout(MOST_MS) });
  t.equal((await stat(data)).mode & 0o777, 0o700, "the data folder is its owner's");
  const end = endOf(child);
  for (const name of ['SIGTERM', 'SIGTERM', 'SIGINT', 'SIGINT', 'SIGHUP'] as const) child.kill(name);
  t.equal(await end, 0);
  t.match(said(), 'Headgate stops');
});

t.test("import prints another program's configuration as ours, or one sentence and exit code 1", async (t) => {
  const run = async (...words: readonly string[]) => {
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    return { code: await endOf(child), ...said };
  };
  const old = fileURLToPath(new URL('config/import/fixtures/plexhelper.json', import.meta.url));
  t.match(await run('import', '--from', 'plex-helper', old), { code: 0, out: /^media_servers:$/m, err: '' });
  const later = join(t.testdir(), 'config.json');
  writeFileSync(later, readFileSync(old, 'utf8').replace('{', '{ "health_port": 9090,'));
  t.match(await run('import', '--from', 'plex-helper', later), { code: 0, err: /^not taken over: health_port: /m });
  t.match(await run('import', '--from', 'jellydemon', old), {
    code: 1,
    out: '',
    err: /looks like the configuration of plex-helper/,
  });
  t.match(await run('import', '--from', 'plex-helper', old, 'more'), { code: 1, err: /^unknown argument: more$/m });
  t.match(await run('--test', '--from', 'plex-helper'), {
    code: 1,
    err: /^--from belongs to import and --rehearse, --to and --json to --rehearse$/m,
  });
  t.match(await run('--help'), { code: 0, out: /import --from plex-helper\|jellydemon\|jellyfin-db-sync FILE/ });
});

// A PostgreSQL of the test's own, in a temporary folder on loopback.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../deploy/demo/free-port.ts';

const debianPrograms = '/usr/lib/postgresql';

/** Folder of the newest installed `initdb` and `postgres`; null where there is none. */
export async function postgresPrograms(): Promise<string | null> {
  const versions = await readdir(debianPrograms).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const folder = join(debianPrograms, version, 'bin');
    const found = await access(join(folder, 'initdb')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return null;
}

/** PostgreSQL refuses to run as root: there it runs as Debian's user postgres. */
async function userFor(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((each) => each.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** Two to four seconds, most of it initdb. */
export async function startPostgres(programs: string): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-postgres-'));
  const user = await userFor();
  await chmod(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { cwd: folder, ...user };
  await promisify(execFile)(join(programs, 'initdb'), ['-A', 'trust', '-U', 'headgate', '-N', '-D', data], options);
  const port = await freePort();
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F'], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready to accept connections')) resolve();
    });
    void exited.then(() => reject(new Error(`postgres ended: ${said}`)));
  });
  return {
    url: `postgres://headgate@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGINT'); // "fast shutdown": ends sessions
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

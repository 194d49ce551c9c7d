// A real dropbear in front of the simulated router. It looks users up in /etc/passwd, so it runs in a mount namespace of its own, which needs root.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { RouterSimulator } from './start-router-simulator.ts';

export type Dropbear = AsyncDisposable & {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly hostKeyFingerprint: string;
  readonly pid: number;
};

/** Undefined where it can run, else why not, for a skip. */
export function noDropbear(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root (a mount namespace for /etc/passwd)';
  if (!existsSync('/usr/sbin/dropbear')) return 'needs dropbear-bin';
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'needs a mount namespace';
  }
}

const USER = { uid: 65_534, name: 'watcher', password: 'dropbear-password' };

/** A user without root rights, with a password and the simulator's key, whose shell is the simulated router's. */
export async function startDropbear(sim: RouterSimulator, publicKey: string): Promise<Dropbear> {
  const at = (name: string): string => join(sim.root, 'dropbear', name);
  mkdirSync(at('home/.ssh'), { recursive: true });
  openToAll(sim.root);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: USER.password, encoding: 'utf8' }).trim();
  writeFileSync(at('passwd'), `root:x:0:0::/root:/bin/sh\n${USER.name}:x:${USER.uid}:${USER.uid}::${at('home')}:/bin/sh\n`);
  writeFileSync(at('shadow'), `root:*:19000:0:99999:7:::\n${USER.name}:${hash}:19000:0:99999:7:::\n`);
  writeFileSync(at('home/.ssh/authorized_keys'), `${publicKey}\n`, { mode: 0o600 });
  execFileSync('chown', ['-R', `${USER.uid}:${USER.uid}`, at('home')]);
  chmodSync(at('home'), 0o700);
  chmodSync(at('home/.ssh'), 0o700);
  const router = `export HEADGATE_ROOT='${sim.root}' PATH='${sim.shell.path}'; exec '${sim.shell.sh}' -c "\${SSH_ORIGINAL_COMMAND:-exec sh}"`;
  writeFileSync(at('enter'), `#!/bin/sh\n${router}\n`, { mode: 0o755 });
  const told = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', at('host-key')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const port = await freePort();
  const binds = ['passwd', 'shadow'].map((name) => `mount --bind '${at(name)}' /etc/${name}`).join(' && ');
  const flags = `-F -E -m -p 127.0.0.1:${port} -r '${at('host-key')}' -P '${at('pid')}' -c '${at('enter')}'`;
  const child = spawn('unshare', ['-m', 'sh', '-c', `${binds} && exec dropbear ${flags}`], { stdio: 'ignore' });
  await listening(port);
  return {
    port,
    username: USER.name,
    password: USER.password,
    hostKeyFingerprint: /SHA256:\S+/.exec(told)?.[0] ?? '',
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o777);
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) openToAll(join(folder, entry.name));
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('dropbear does not listen');
}

// A router's ssh: real protocol by ssh2's server, a real BusyBox shell behind it. Root is not needed, unlike for a real dropbear.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import type { SimulatedRouter } from './simulated-router.ts';

export type Account = { readonly username: string; readonly password: string };

export type SshServer = AsyncDisposable & {
  readonly port: number;
  /** As ssh-keygen -l prints it. */
  readonly hostKeyFingerprint: string;
  /** A private key that may log in. */
  readonly privateKey: string;
  /** Ends all connections and refuses new ones, until `heal`. */
  cut(): Promise<void>;
  heal(): Promise<void>;
  /** Connections stay, nothing is answered any more, until `heal`. */
  freeze(): void;
};

export async function startSshServer(router: SimulatedRouter, account: Account): Promise<SshServer> {
  const hostKey = newKey();
  const userKey = newKey();
  const known = keyBlob(userKey.public);
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let frozen = false;
  const accept = (connection: Connection, shell: { sh: string; path: string }): void => {
    connection.on('error', () => {});
    connection.on('authentication', (context) =>
      mayEnter(context, account, known) ? context.accept() : context.reject(['password', 'publickey']),
    );
    connection.on('session', (open) => {
      const session = open();
      session.on('exec', (take, _, { command }) => {
        const channel = take();
        router.refresh();
        const env = { PATH: shell.path, HEADGATE_ROOT: router.root, HOME: '/root' };
        const child = spawn(shell.sh, ['-c', command], { env, stdio: 'pipe' });
        children.add(child.once('exit', () => children.delete(child)));
        join(channel, child, () => frozen, router.refresh);
      });
    });
  };
  const listen = async (port: number) => {
    const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => accept(connection, router.shell));
    // ssh2's types leave out that its server hands on the net server's events.
    (server as unknown as { _srv: { on(event: 'connection', listener: (socket: Socket) => void): void } })._srv.on(
      'connection',
      (socket) => {
        sockets.add(socket.once('close', () => sockets.delete(socket)));
      },
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  };
  let server: Awaited<ReturnType<typeof listen>> | undefined = await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const old = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    for (const child of children) child.kill('SIGKILL');
    if (old !== undefined) await new Promise<void>((resolve) => old.close(() => resolve()));
  };
  return {
    port,
    hostKeyFingerprint: `SHA256:${createHash('sha256').update(keyBlob(hostKey.public)).digest('base64').replace(/=+$/, '')}`,
    privateKey: userKey.private,
    cut,
    async heal() {
      frozen = false;
      server ??= await listen(port);
    },
    freeze: () => {
      frozen = true;
    },
    [Symbol.asyncDispose]: cut,
  };
}

/** The state files are brought up to the moment of each question, so the shell reads what a router's kernel would say. */
function join(channel: ServerChannel, child: ChildProcess, frozen: () => boolean, refresh: () => void): void {
  channel.on('data', (data: Buffer) => {
    if (frozen()) return;
    refresh();
    child.stdin?.write(data);
  });
  child.stdin?.on('error', () => {});
  child.stdout?.on('data', (data: Buffer) => frozen() || channel.write(data));
  child.stderr?.on('data', (data: Buffer) => frozen() || channel.stderr.write(data));
  channel.on('end', () => child.stdin?.end());
  channel.on('close', () => child.kill('SIGKILL'));
  channel.on('error', () => {});
  child.on('close', (code) => {
    if (!channel.writable) return;
    channel.exit(code ?? 1);
    channel.end();
  });
}

function mayEnter(context: AuthContext, account: Account, known: Buffer): boolean {
  if (context.username !== account.username) return false;
  if (context.method === 'password') return same(Buffer.from(context.password), Buffer.from(account.password));
  if (context.method !== 'publickey' || !same(context.key.data, known)) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  const key = ssh2.utils.parseKey(`${context.key.algo} ${known.toString('base64')}`);
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

/** ssh2 1.17 writes about one key in a hundred that it cannot read itself. */
function newKey(): { readonly private: string; readonly public: string } {
  for (let tries = 0; tries < 20; tries += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
  throw new Error('ssh2 made no readable key in 20 tries');
}

const keyBlob = (publicKey: string): Buffer => Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

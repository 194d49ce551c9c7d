// The real transmission-daemon, on loopback only: a neighbour for tests and for the demo.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { hasProgram, ownProcess } from '../own-process.ts';

export type TransmissionOptions = {
  /** Default admin. */
  readonly username?: string;
  /** Null or left out: no log-in is asked for. */
  readonly password?: string | null;
  /** Default /transmission/. Slashes at both ends. */
  readonly rpcPath?: string;
  /** Addresses that may ask, with * for a number. Default 127.0.0.1. */
  readonly whitelist?: string;
  /** Over those of settings.json: { 'speed-limit-up': 700, 'speed-limit-up-enabled': true }. kB/s there. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

export type RunningTransmission = AsyncDisposable & {
  /** http://127.0.0.1:PORT; the same after a restart. */
  readonly url: string;
  /** Empty where no log-in is asked for. */
  readonly username: string;
  readonly password: string;
  readonly configDir: string;
  /** Where torrents look for their files. */
  readonly downloadDir: string;
  readonly peerPort: number;
  /** SIGKILL. Whatever was set since the start is lost: Transmission saves its settings when it ends. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it has saved. */
  stop(): Promise<void>;
  /** After kill or stop: the same folder, port and password again. Resolves when it answers. */
  start(): Promise<void>;
  /** Alive, its sockets open, and mute. */
  freeze(frozen: boolean): void;
  /** settings.json as it lies on the disk. */
  savedSettings(): Promise<Readonly<Record<string, unknown>>>;
};

const program = 'transmission-daemon';
const savedWithinMs = 15_000;

/** Whether the program is installed (Debian: transmission-daemon). */
export const hasTransmission = (): Promise<boolean> => hasProgram(program);

/** @throws Error when it is not installed or does not listen within 30 s. */
export const startTransmission = async (options: TransmissionOptions = {}): Promise<RunningTransmission> => {
  const configDir = await mkdtemp(join(tmpdir(), 'headgate-transmission-'));
  const [rpcPort, peerPort] = [await freePort(), await freePort()];
  const settingsFile = join(configDir, 'settings.json');
  await writeFile(settingsFile, JSON.stringify(preset(configDir, { ...options, rpcPort, peerPort })), { mode: 0o600 });
  const daemon = ownProcess({ program, args: ['--foreground', '--config-dir', configDir], home: configDir, port: rpcPort });
  const dispose = async (): Promise<void> => {
    await daemon.end('SIGKILL'); // nothing of it is kept
    await rm(configDir, { recursive: true, force: true, maxRetries: 3 });
  };
  /** It writes its settings anew right after its port opens; what was set before that would be among them. */
  const start = async (): Promise<void> => {
    const before = await versionOf(settingsFile);
    await daemon.start();
    const give = AbortSignal.timeout(savedWithinMs);
    while ((await versionOf(settingsFile)) === before) await wait(5, undefined, { signal: give });
  };
  await start().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  const locked = isLocked(options);
  return {
    url: `http://127.0.0.1:${rpcPort}`,
    username: locked ? (options.username ?? 'admin') : '',
    password: locked ? (options.password ?? '') : '',
    configDir,
    downloadDir: configDir,
    peerPort,
    kill: () => daemon.end('SIGKILL'),
    stop: () => daemon.end('SIGTERM'),
    start,
    freeze: daemon.freeze,
    savedSettings: async () => JSON.parse(await readFile(settingsFile, 'utf8')) as Record<string, unknown>,
    [Symbol.asyncDispose]: dispose,
  };
};

/** Each save is a new file under the old name. */
const versionOf = async (file: string): Promise<string> => {
  const { ino, mtimeNs } = await stat(file, { bigint: true });
  return `${ino} ${mtimeNs}`;
};

const isLocked = ({ password }: TransmissionOptions): boolean => password !== undefined && password !== null;

type Preset = TransmissionOptions & { readonly rpcPort: number; readonly peerPort: number };

/** Keys of 3.00. A password in plain text is replaced by its salted hash when the daemon starts. */
const preset = (folder: string, options: Preset): Readonly<Record<string, unknown>> => ({
  'rpc-enabled': true,
  'rpc-bind-address': '127.0.0.1',
  'rpc-port': options.rpcPort,
  'rpc-url': options.rpcPath ?? '/transmission/',
  'rpc-whitelist-enabled': true,
  'rpc-whitelist': options.whitelist ?? '127.0.0.1',
  'rpc-authentication-required': isLocked(options),
  'rpc-username': options.username ?? 'admin',
  'rpc-password': options.password ?? '',
  'bind-address-ipv4': '127.0.0.1',
  'bind-address-ipv6': '::1',
  'peer-port': options.peerPort,
  'port-forwarding-enabled': false,
  'dht-enabled': false,
  'lpd-enabled': false,
  'pex-enabled': false,
  'download-dir': folder,
  ...options.settings,
});

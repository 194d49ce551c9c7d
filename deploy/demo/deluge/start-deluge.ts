// The real deluged and deluge-web, headless and on loopback only: a neighbour for tests and for the demo.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { hasProgram, ownProcess } from '../own-process.ts';
import { loopbackDeluged } from './loopback-deluged.ts';
import { writeFolder } from './preset-folder.ts';

export type DelugeOptions = {
  /** Of deluge-web. Default deluge, as packaged. */
  readonly password?: string;
  /** Over those of core.conf: { max_upload_speed: 700 }. KiB/s there, -1 is none. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** deluge-web connects to the daemon when it starts. Default false, as packaged: somebody must connect it. */
  readonly connected?: boolean;
  /** Keys that the daemon's own command line keeps anybody from changing. */
  readonly readOnlyKeys?: readonly string[];
};

export type RunningDeluge = AsyncDisposable & {
  /** http://127.0.0.1:PORT of deluge-web; the same after a restart. */
  readonly url: string;
  readonly password: string;
  readonly configDir: string;
  /** SIGKILL: what was set in the last 5 s is lost, as Deluge saves late. */
  killDaemon(): Promise<void>;
  /** SIGTERM, and waits until it has saved. */
  stopDaemon(): Promise<void>;
  /** After kill or stop: the same folder and port again. deluge-web does not connect to it by itself. */
  startDaemon(): Promise<void>;
  /** Alive and mute; its sockets stay open. */
  freezeDaemon(frozen: boolean): void;
  killWeb(): Promise<void>;
  startWeb(): Promise<void>;
};

/** Whether both programs are installed (Debian: deluged and deluge-web). */
export const hasDeluge = async (): Promise<boolean> =>
  (await Promise.all(['deluged', 'deluge-web'].map(hasProgram))).every(Boolean);

/** @throws Error when one of them is not installed or does not listen within 30 s. */
export const startDeluge = async (options: DelugeOptions = {}): Promise<RunningDeluge> => {
  if (!(await hasDeluge())) throw new Error('deluged and deluge-web are not installed: apt-get install deluged deluge-web');
  const configDir = await mkdtemp(join(tmpdir(), 'headgate-deluge-'));
  const { daemonPort, webPort, peerPort } = await prepareFolder(configDir, options);
  const quiet = ['--config', configDir, '--loglevel', 'none'];
  const readOnly = options.readOnlyKeys === undefined ? [] : ['--read-only-config-keys', options.readOnlyKeys.join(',')];
  const daemon = ownProcess({
    program: '/usr/bin/python3',
    args: [
      '-c',
      loopbackDeluged(peerPort),
      '--do-not-daemonize',
      ...quiet,
      '--ui-interface',
      '127.0.0.1',
      '--port',
      `${daemonPort}`,
      ...readOnly,
    ],
    home: configDir,
    port: daemonPort,
  });
  const web = ownProcess({ program: 'deluge-web', args: ['--do-not-daemonize', ...quiet], home: configDir, port: webPort });
  const dispose = async (): Promise<void> => {
    await Promise.all([web.end('SIGKILL'), daemon.end('SIGKILL')]); // nothing of it is kept
    await rm(configDir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    // One after the other where the web is to find the daemon.
    if (options.connected === true) await daemon.start();
    await Promise.all([options.connected === true ? null : daemon.start(), web.start()]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${webPort}`,
    password: options.password ?? DEFAULT_PASSWORD,
    configDir,
    killDaemon: () => daemon.end('SIGKILL'),
    stopDaemon: () => daemon.end('SIGTERM'),
    startDaemon: daemon.start,
    freezeDaemon: daemon.freeze,
    killWeb: () => web.end('SIGKILL'),
    startWeb: web.start,
    [Symbol.asyncDispose]: dispose,
  };
};

const DEFAULT_PASSWORD = 'deluge';

type Ports = { readonly daemonPort: number; readonly webPort: number; readonly peerPort: number };

const prepareFolder = async (folder: string, options: DelugeOptions): Promise<Ports> => {
  const [daemonPort, webPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  await writeFolder(folder, {
    password: options.password ?? DEFAULT_PASSWORD,
    daemonPort,
    webPort,
    peerPort,
    connected: options.connected ?? false,
    settings: options.settings ?? {},
  });
  return { daemonPort, webPort, peerPort };
};

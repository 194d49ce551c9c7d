// The real qbittorrent-nox, headless and on loopback only: a neighbour for tests and for the demo.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readProfilePort, writeProfile } from './preset-profile.ts';

export type QbittorrentOptions = {
  /** Kept at the end where given (a profile that ran before goes on as it was); else a temporary one that is removed. */
  readonly profileDir?: string;
  /** Default admin. */
  readonly username?: string;
  /** Null: loopback needs no log-in. */
  readonly password: string | null;
  /** First start of a profile only. KiB/s, 0 is none; qBittorrent's defaults 0 and 10. */
  readonly uploadLimitKiB?: number;
  readonly alternativeUploadLimitKiB?: number;
  readonly alternative?: boolean;
};

export type RunningQbittorrent = AsyncDisposable & {
  /** http://127.0.0.1:PORT; the same after a restart. */
  readonly url: string;
  readonly profileDir: string;
  /** SIGKILL. Settings changed in the last 5 s are lost: qBittorrent saves them late. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it has saved. */
  stop(): Promise<void>;
  /** After kill or stop: the same profile, port and password again. Resolves when the web API answers. */
  start(): Promise<void>;
};

const program = 'qbittorrent-nox';
/** Of util-linux: becomes the program, with the wish to be ended when we are, so that a killed test run leaves nothing behind. */
const endingWithUs = 'setpriv';
const readyWithinMs = 20_000;
const stopWithinMs = 15_000;

/** Whether the program is installed (Debian: qbittorrent-nox). */
export const hasQbittorrent = async (): Promise<boolean> => {
  const child = spawn(program, ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
};

/** @throws Error when it is not installed or does not answer within 20 s. */
export const startQbittorrent = async (options: QbittorrentOptions): Promise<RunningQbittorrent> => {
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'headgate-qbittorrent-')));
  const webPort = await prepareProfile(profileDir, options);
  const url = `http://127.0.0.1:${webPort}`;
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), stopWithinMs);
    await gone;
    clearTimeout(timer);
  };
  const start = async (): Promise<void> => {
    await end('SIGTERM');
    child = launch(profileDir);
    await untilReady(child, url).catch(async (error: unknown) => {
      await end('SIGKILL');
      throw error;
    });
  };
  const dispose = async (): Promise<void> => {
    await end('SIGTERM');
    if (options.profileDir === undefined) await rm(profileDir, { recursive: true, force: true, maxRetries: 3 });
  };
  await start().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { url, profileDir, kill: () => end('SIGKILL'), stop: () => end('SIGTERM'), start, [Symbol.asyncDispose]: dispose };
};

const prepareProfile = async (profileDir: string, options: QbittorrentOptions): Promise<number> => {
  const earlier = await readProfilePort(profileDir);
  if (earlier !== null) return earlier;
  const webPort = await freePort();
  await writeProfile(profileDir, {
    username: options.username ?? 'admin',
    password: options.password,
    webPort,
    peerPort: await freePort(),
    uploadLimitKiB: options.uploadLimitKiB ?? 0,
    alternativeUploadLimitKiB: options.alternativeUploadLimitKiB ?? 10,
    alternative: options.alternative ?? false,
  });
  return webPort;
};

const launch = (profileDir: string): ChildProcess =>
  spawn(endingWithUs, ['--pdeathsig', 'TERM', '--', program, `--profile=${profileDir}`], {
    stdio: 'ignore', // its start-up notice would fill a pipe that nobody reads
    detached: true, // Ctrl-C at the demo reaches its whole process group: this one must live until its limit is back
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: profileDir, LANG: 'C.UTF-8' },
  });

const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${endingWithUs} is not installed: apt-get install util-linux`, { cause })));
    child.once('exit', (code) => {
      const missing = code === 127; // its word for it
      reject(
        new Error(
          missing ? `${program} is not installed: apt-get install ${program}` : `${program} ended with code ${code} at once`,
        ),
      );
    });
  });
  failed.catch(() => {}); // its end after readiness is nobody's failure
  const give = AbortSignal.timeout(readyWithinMs);
  while (!give.aborted) {
    const answers = fetch(`${url}/api/v2/app/version`, { signal: give }).then(
      async (answer) => {
        await answer.body?.cancel();
        return true;
      },
      () => false,
    );
    if (await Promise.race([answers, failed])) return;
    await Promise.race([wait(25), failed]);
  }
  throw new Error(`${program} did not answer within ${readyWithinMs / 1000} s`);
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
};

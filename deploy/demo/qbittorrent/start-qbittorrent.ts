// The real qbittorrent-nox, headless and on loopback only: a neighbour for tests and for the demo.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { hasProgram, ownProcess } from '../own-process.ts';
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
const answersWithinMs = 20_000;

/** Whether the program is installed (Debian: qbittorrent-nox). */
export const hasQbittorrent = (): Promise<boolean> => hasProgram(program);

/** @throws Error when it is not installed, or does not listen within 30 s and answer within 20 s more. */
export const startQbittorrent = async (options: QbittorrentOptions): Promise<RunningQbittorrent> => {
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'headgate-qbittorrent-')));
  const webPort = await prepareProfile(profileDir, options);
  const url = `http://127.0.0.1:${webPort}`;
  const daemon = ownProcess({ program, args: [`--profile=${profileDir}`], home: profileDir, port: webPort });
  const start = async (): Promise<void> => {
    await daemon.start();
    const answer = await fetch(`${url}/api/v2/app/version`, { signal: AbortSignal.timeout(answersWithinMs) });
    await answer.body?.cancel();
  };
  const dispose = async (): Promise<void> => {
    await daemon.end('SIGTERM');
    if (options.profileDir === undefined) await rm(profileDir, { recursive: true, force: true, maxRetries: 3 });
  };
  await start().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return {
    url,
    profileDir,
    kill: () => daemon.end('SIGKILL'),
    stop: () => daemon.end('SIGTERM'),
    start,
    [Symbol.asyncDispose]: dispose,
  };
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

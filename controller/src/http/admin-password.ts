// The administrator's password: the configured one, else one that is made once and kept in the data folder for its owner only.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ControllerError, messageOf } from '../errors.ts';

export type AdminPassword = {
  readonly password: string;
  /** The file that holds a generated one; null where it is configured. */
  readonly path: string | null;
  /** Made just now: say it once on a terminal, never in a log. */
  readonly isNew: boolean;
};

const FILE_NAME = 'admin-password';

/** @throws ControllerError storage_failed where neither can be read nor made. */
export async function adminPassword(configured: string | null, dataFolder: string): Promise<AdminPassword> {
  if (configured !== null) return { password: configured, path: null, isNew: false };
  const path = join(dataFolder, FILE_NAME);
  try {
    const kept = await readKept(path);
    if (kept !== null) return { password: kept, path, isNew: false };
    // 120 bits, and no letter that is mistaken for a digit when it is typed from a screen.
    const password = randomBytes(15)
      .toString('hex')
      .replace(/(.{6})(?!$)/g, '$1-');
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await using file = await open(path, 'w', 0o600);
    // The mode above does not change that of an empty file left by a crash.
    await file.chmod(0o600);
    await file.writeFile(`${password}\n`);
    await file.sync();
    return { password, path, isNew: true };
  } catch (cause) {
    throw new ControllerError('storage_failed', `the administrator's password at ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Null where there is none, or an empty one that a crash left behind. */
async function readKept(path: string): Promise<string | null> {
  try {
    const kept = (await readFile(path, 'utf8')).trim();
    return kept === '' ? null : kept;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Longer input is refused before any work is put into it. */
export const MAX_PASSWORD = 1_024;

/**
 * Compares in constant time, by scrypt, which also makes each guess cost about 50 ms (off the event loop).
 * N = 2^14 and not more: 16 MiB for a moment is what a Raspberry Pi has to spare.
 */
export function createPasswordCheck(password: string): (guess: string) => Promise<boolean> {
  const salt = randomBytes(16);
  let own: Promise<Buffer> | null = null;
  return async (guess) => {
    own ??= derive(password, salt);
    return timingSafeEqual(await own, await derive(guess, salt));
  };
}

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, 32, { N: 2 ** 14, r: 8, p: 1 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

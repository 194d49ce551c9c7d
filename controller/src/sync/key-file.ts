// A key of our own that is kept in the data folder for its owner only: made once, never written again.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { ControllerError } from '../errors.ts';

export type KeyPurpose = {
  /** What it is the key of, and what becomes of that without it. */
  readonly of: string;
  readonly lost: string;
};

/** The same in each run. @throws ControllerError storage_failed where it is there but is none; it is never overwritten. */
export async function openKeyFile(path: string, { of, lost }: KeyPurpose): Promise<Uint8Array> {
  try {
    return (await readKey(path, lost)) ?? (await makeKey(path));
  } catch (cause) {
    if (cause instanceof ControllerError) throw cause;
    throw new ControllerError('storage_failed', `${path}: the key of ${of} cannot be read or made`, { cause });
  }
}

async function readKey(path: string, lost: string): Promise<Uint8Array | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return null;
  if (/^[0-9a-f]{64}\n?$/.test(text)) return Buffer.from(text.trim(), 'hex');
  throw new ControllerError('storage_failed', `${path} is no key (64 hex digits); restore it, or delete it and ${lost}`);
}

async function makeKey(path: string): Promise<Uint8Array> {
  const key = randomBytes(32);
  const draft = `${path}.${process.pid}.tmp`;
  {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${key.toString('hex')}\n`);
    await file.sync();
  }
  // A link fails where another was quicker, so that the key on disk is the one in use.
  await link(draft, path).finally(() => rm(draft, { force: true }));
  return key;
}

// The key from which URL tokens are made: a file of its own in the data folder, so that the database alone opens nothing.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ControllerError } from '../../errors.ts';

const FILE = 'stream-key';

/**
 * 32 bytes, made once and kept for ever in the folder, which must exist: with another key every address changes.
 * @throws ControllerError storage_failed where the file is there but is no key; it is never overwritten.
 */
export async function openTokenKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, FILE);
  try {
    const kept = await readKey(path);
    return kept ?? (await makeKey(path));
  } catch (cause) {
    if (cause instanceof ControllerError) throw cause;
    throw new ControllerError('storage_failed', `${path}: the key of stream addresses cannot be read or made`, { cause });
  }
}

async function readKey(path: string): Promise<Uint8Array | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return null;
  if (/^[0-9a-f]{64}\n?$/.test(text)) return Buffer.from(text.trim(), 'hex');
  throw new ControllerError(
    'storage_failed',
    `${path} is no key (64 hex digits); restore it, or delete it and every address is new`,
  );
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

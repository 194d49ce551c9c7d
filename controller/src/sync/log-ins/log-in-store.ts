// Log-ins that users gave us, in a file of the data folder that its owner alone can read: tokens are secrets and have no place in backups of the database.
import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { createTurns } from '../../neighbours/turns.ts';

export type KeptLogIn = {
  readonly server: string;
  readonly userId: string;
  /** As that server spells it. */
  readonly userName: string;
  /** UTC ms. */
  readonly atMs: number;
};

export type LogInStore = {
  /** Null: that user gave us none. */
  tokenOf(server: string, userId: string): string | null;
  all(): readonly KeptLogIn[];
  /** In place of an older one of that user; answers with that one's token. @throws ControllerError storage_failed */
  keep(logIn: KeptLogIn, token: string): Promise<string | null>;
  /** Answers with its token; null where there is none. @throws ControllerError storage_failed */
  drop(server: string, userId: string): Promise<string | null>;
};

const kept = z.strictObject({
  server: z.string(),
  userId: z.string(),
  userName: z.string(),
  atMs: z.number(),
  token: z.string().min(1),
});
const file = z.strictObject({ version: z.literal(1), logIns: z.array(kept) });
type Kept = z.infer<typeof kept>;

const NEVER = new AbortController().signal;
const keyOf = (server: string, userId: string): string => `${server} ${userId}`;

/** @throws ControllerError storage_failed where the file is there and cannot be read; it is never overwritten then */
export async function openLogInStore(path: string): Promise<LogInStore> {
  const logIns = new Map((await read(path)).map((one) => [keyOf(one.server, one.userId), one]));
  const turns = createTurns(1);
  /** What is in memory is what is on disk. */
  const change = (server: string, userId: string, one: Kept | null): Promise<string | null> =>
    turns.take(NEVER, async () => {
      const before = logIns.get(keyOf(server, userId)) ?? null;
      if (before === null && one === null) return null;
      const others = [...logIns.values()].filter((other) => other !== before);
      await write(path, one === null ? others : [...others, one]);
      if (one === null) logIns.delete(keyOf(server, userId));
      else logIns.set(keyOf(server, userId), one);
      return before?.token ?? null;
    });
  return {
    tokenOf: (server, userId) => logIns.get(keyOf(server, userId))?.token ?? null,
    all: () => [...logIns.values()].map(({ server, userId, userName, atMs }) => ({ server, userId, userName, atMs })),
    keep: ({ server, userId, userName, atMs }, token) => change(server, userId, { server, userId, userName, atMs, token }),
    drop: (server, userId) => change(server, userId, null),
  };
}

async function read(path: string): Promise<readonly Kept[]> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8'))).logIns;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    // What a parser says may quote what it read.
    throw new ControllerError(
      'storage_failed',
      `${path}: the log-ins of users cannot be read; delete it, and let them log in again`,
    );
  }
}

async function write(path: string, logIns: readonly Kept[]): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await rm(draft, { force: true });
    {
      await using handle = await open(draft, 'wx', 0o600);
      await handle.writeFile(JSON.stringify({ version: 1, logIns }));
      await handle.sync();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw new ControllerError('storage_failed', `${path}: the log-ins of users cannot be written`, { cause });
  }
}

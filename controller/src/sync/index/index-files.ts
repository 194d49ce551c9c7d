// What was last read of each server, on disk: after a start nobody is asked. One file a server, one line an item; behind the last of them what was learnt since.
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ControllerError, messageOf } from '../../errors.ts';
import type { IndexedItem } from './indexed-item.ts';
import type { ItemChange } from './item-view.ts';

export type Head = {
  readonly version: 1;
  readonly server: string;
  /** UTC ms at which the reading began. */
  readonly builtMs: number;
  /** How many items the server says that it has. */
  readonly count: number;
};

/** `count` with what came and went since. `lostLines`: of what was learnt, cut off while they were written. */
export type Kept = Head & { readonly lostLines: number };

type Take = (change: ItemChange) => void;

/** Each throws ControllerError storage_failed. */
export type IndexFiles = {
  /** Hands over all items; what comes later of one item counts. `absent`: never kept; `damaged`: not whole, and what was handed over is nothing. Never throws. */
  read(server: string, take: Take): Promise<Kept | 'absent' | 'damaged'>;
  /** Takes pages as they come, beside what stands. On disk when it resolves. @throws what the pages throw */
  write(head: Head, pages: AsyncIterable<readonly IndexedItem[]>): Promise<void>;
  /** To what was written; what stands where `to` says so. @param count as it is then */
  append(changes: readonly ItemChange[], count: number, to: 'standing' | 'written'): Promise<void>;
  /** As `read`, of what was written. */
  readWritten(server: string, take: Take): Promise<void>;
  /** What was written takes the place of what stood. */
  commit(server: string): Promise<void>;
  /** Deletes what was written and not committed. */
  discard(server: string): Promise<void>;
  /** Deletes the files of all others. */
  keepOnly(servers: readonly string[]): Promise<void>;
};

type Line = Partial<Head & { readonly items: number; readonly gone: string; readonly itemId: string }>;

/** @param folder made if absent */
export function createIndexFiles(folder: string): IndexFiles {
  const nameOf = (server: string): string => `${createHash('sha256').update(server).digest('hex').slice(0, 32)}.ndjson`;
  const standing = (server: string): string => join(folder, nameOf(server));
  const written = (server: string): string => `${standing(server)}.new`;
  return {
    read: (server, take) => readFile(standing(server), server, take),
    async write(head, pages) {
      await stored(() => mkdir(folder, { recursive: true }));
      const file = await stored(() => open(written(head.server), 'w', 0o600));
      try {
        await writeLines(file, head, pages);
      } finally {
        await file.close();
      }
    },
    append: (changes, count, to) =>
      stored(async () => {
        for (const [server, some] of Map.groupBy(changes, (change) => change.server))
          await appendLines(to === 'standing' ? standing(server) : written(server), some, count);
      }),
    async readWritten(server, take) {
      const kept = await readFile(written(server), server, take);
      if (typeof kept === 'string')
        throw new ControllerError('storage_failed', `the index of "${server}" was not kept as it was written: ${kept}`);
    },
    commit: (server) => stored(() => rename(written(server), standing(server))),
    // Where even that fails, the next writing begins anew.
    discard: (server) => rm(written(server), { force: true }).catch(() => {}),
    async keepOnly(servers) {
      const wanted = new Set(servers.map(nameOf));
      const there = await readdir(folder).catch(() => []);
      for (const name of there) if (!wanted.has(name)) await stored(() => rm(join(folder, name), { force: true }));
    },
  };
}

async function stored<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ControllerError('storage_failed', `the index of items cannot be kept: ${messageOf(error)}`, { cause: error });
  }
}

async function readFile(path: string, server: string, take: Take): Promise<Kept | 'absent' | 'damaged'> {
  const stream = createReadStream(path);
  try {
    return (await readLines(server, createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }), take)) ?? 'damaged';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'absent' : 'damaged';
  } finally {
    stream.destroy();
  }
}

/** Null: not whole. @throws where there is nothing, or a line before the end of the items is no JSON */
async function readLines(server: string, lines: AsyncIterable<string>, take: Take): Promise<Kept | null> {
  let head: Head | null = null;
  let count: number | null = null;
  let [isWhole, read, lostLines] = [false, 0, 0];
  for await (const text of lines) {
    if (text === '') continue;
    const line: Line | null = isWhole ? parsedOrNull(text) : (JSON.parse(text) as Line);
    if (line === null) lostLines += 1;
    else if (head === null) head = line as Head;
    else if (line.items !== undefined) isWhole = line.items === read;
    else {
      read += 1;
      take(changeOf(server, line));
      count = line.count ?? count;
    }
    if (head?.version !== 1 || head.server !== server) return null;
  }
  return head === null || !isWhole ? null : { ...head, count: count ?? head.count, lostLines };
}

function parsedOrNull(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

function changeOf(server: string, line: Line): ItemChange {
  if (line.gone !== undefined) return { server, itemId: line.gone, item: null };
  const { itemId, kind, name, year, path, series, ids } = line as unknown as IndexedItem;
  return { server, itemId, item: { server, itemId, kind, name, year, path, series, ids } };
}

async function writeLines(file: FileHandle, head: Head, pages: AsyncIterable<readonly IndexedItem[]>): Promise<void> {
  const write = (text: string) => stored(() => file.appendFile(text));
  let items = 0;
  await write(`${JSON.stringify(head)}\n`);
  for await (const page of pages) {
    items += page.length;
    if (page.length > 0) await write(page.map((item) => `${textOf(item)}\n`).join(''));
  }
  await write(`${JSON.stringify({ items })}\n`);
  await stored(() => file.datasync());
}

/** The server's name is the head's. */
const textOf = (item: IndexedItem, more: { readonly count?: number } = {}): string =>
  JSON.stringify({ ...item, server: undefined, ...more });

/** Each begins with a line's end: one that was cut off spoils no other. A file that is not there is not begun. */
async function appendLines(path: string, changes: readonly ItemChange[], count: number): Promise<void> {
  const lineOf = ({ itemId, item }: ItemChange): string =>
    item === null ? JSON.stringify({ gone: itemId, count }) : textOf(item, { count });
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    await file.appendFile(changes.map((change) => `\n${lineOf(change)}`).join(''));
  } finally {
    await file.close();
  }
}

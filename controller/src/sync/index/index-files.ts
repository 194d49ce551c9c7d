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
  /** How many items the server said that it has. */
  readonly count: number;
};

/** `count` with what came and went since. */
export type KeptItems = Head & {
  readonly items: ReadonlyMap<string, IndexedItem>;
  /** Lines behind the items that could not be read: a write was cut off. */
  readonly lostLines: number;
};

export type IndexFiles = {
  /** `absent`: never kept; `damaged`: kept, but not whole. */
  read(server: string): Promise<KeptItems | 'absent' | 'damaged'>;
  /** Takes pages as they come, beside what stands. On disk when it resolves. @throws ControllerError storage_failed, or what the pages throw */
  write(head: Head, pages: AsyncIterable<readonly IndexedItem[]>): Promise<void>;
  /** What was written takes the place of what stood, with what was learnt meanwhile. @throws ControllerError storage_failed */
  commit(server: string, since: readonly ItemChange[]): Promise<void>;
  /** To what stands. @throws ControllerError storage_failed */
  append(changes: readonly ItemChange[]): Promise<void>;
  /** Deletes what was written and not committed. */
  discard(server: string): Promise<void>;
  /** Deletes the files of all others. */
  keepOnly(servers: readonly string[]): Promise<void>;
};

type Line = Partial<Head & { readonly items: number; readonly gone: string; readonly itemId: string }>;

const NEW = '.new';
const nameOf = (server: string): string => `${createHash('sha256').update(server).digest('hex').slice(0, 32)}.ndjson`;

/** @param folder made if absent */
export function createIndexFiles(folder: string): IndexFiles {
  const pathOf = (server: string): string => join(folder, nameOf(server));
  return {
    async read(server) {
      const stream = createReadStream(pathOf(server));
      try {
        return (await readLines(server, createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))) ?? 'damaged';
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent';
        return 'damaged';
      } finally {
        stream.destroy();
      }
    },
    async write(head, pages) {
      await stored(() => mkdir(folder, { recursive: true }));
      const file = await stored(() => open(`${pathOf(head.server)}${NEW}`, 'w', 0o600));
      try {
        await writeLines(file, head, pages);
      } finally {
        await file.close();
      }
    },
    async commit(server, since) {
      await stored(async () => {
        const path = pathOf(server);
        if (since.length > 0) await appendLines(`${path}${NEW}`, since);
        await rename(`${path}${NEW}`, path);
      });
    },
    append: (changes) =>
      stored(async () => {
        for (const [server, some] of Map.groupBy(changes, (change) => change.server)) await appendLines(pathOf(server), some);
      }),
    // Where even that fails, the next writing begins anew.
    discard: (server) => rm(`${pathOf(server)}${NEW}`, { force: true }).catch(() => {}),
    async keepOnly(servers) {
      const wanted = new Set(servers.map(nameOf));
      const there = await readdir(folder).catch(() => []);
      for (const name of there) if (!wanted.has(name)) await rm(join(folder, name), { force: true });
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

/** Null: not whole. @throws where there is nothing, or a line before the end of the items is no JSON */
async function readLines(server: string, lines: AsyncIterable<string>): Promise<KeptItems | null> {
  let [head, isWhole, read, lostLines]: [Head | null, boolean, number, number] = [null, false, 0, 0];
  let sizeThen = 0;
  const items = new Map<string, IndexedItem>();
  const share = createSharing();
  for await (const text of lines) {
    if (text === '') continue;
    const line: Line | null = isWhole ? parsedOrNull(text) : (JSON.parse(text) as Line);
    if (line === null) lostLines += 1;
    else if (head === null) head = line as Head;
    else if (line.itemId !== undefined) {
      items.set(line.itemId, kept(server, line as unknown as IndexedItem, share));
      if (!isWhole) read += 1;
    } else if (line.gone !== undefined) items.delete(line.gone);
    else {
      isWhole = line.items === read;
      sizeThen = items.size;
    }
    if (head?.version !== 1 || head.server !== server) return null;
  }
  return head !== null && isWhole ? { ...head, count: head.count + items.size - sizeThen, items, lostLines } : null;
}

function parsedOrNull(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

const kept = (server: string, item: IndexedItem, share: (text: string) => string): IndexedItem => ({
  server,
  itemId: item.itemId,
  kind: item.kind,
  name: item.name,
  year: item.year,
  path: item.path,
  series: item.series === null ? null : { ...item.series, id: share(item.series.id), name: share(item.series.name) },
  ids: item.ids,
});

/** One and the same text for equal ones. */
export function createSharing(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
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
const textOf = (item: IndexedItem): string => JSON.stringify({ ...item, server: undefined });

/** Each begins with a line's end: one that was cut off spoils no other. A file that is not there is not begun. */
async function appendLines(path: string, changes: readonly ItemChange[]): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    await file.appendFile(
      changes.map(({ itemId, item }) => `\n${item === null ? JSON.stringify({ gone: itemId }) : textOf(item)}`).join(''),
    );
  } finally {
    await file.close();
  }
}

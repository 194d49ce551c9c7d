// What was last read of each library, on disk: channels are planned on while its server is down. One file a shelf, one line an item.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CatalogueItem } from './catalogue-item.ts';

/** A part of a media server that is read as a whole: a library, or a series, collection or playlist beside them. */
export type Shelf = { readonly server: string; readonly id: string };

export const shelfKey = ({ server, id }: Shelf): string => `${server}/${id}`;

export type KeptShelf = { readonly readAtMs: number; readonly items: readonly CatalogueItem[] };

export type CatalogueFiles = {
  /** Null where nothing whole was kept. */
  read(shelf: Shelf): Promise<KeptShelf | null>;
  /** Takes pages as they come; what stood before stays until all of them are on disk. */
  write(shelf: Shelf, pages: AsyncIterable<readonly CatalogueItem[]>, readAtMs: number): Promise<void>;
  /** Deletes the files of all others. */
  keepOnly(shelves: readonly Shelf[]): Promise<void>;
};

type Head = { readonly version: 1; readonly server: string; readonly id: string; readonly readAtMs: number };
type Tail = { readonly items: number };

const nameOf = (shelf: Shelf): string => `${createHash('sha256').update(shelfKey(shelf)).digest('hex').slice(0, 32)}.ndjson`;

/** @param folder made if absent */
export function createCatalogueFiles(folder: string): CatalogueFiles {
  const pathOf = (shelf: Shelf): string => join(folder, nameOf(shelf));
  return {
    async read(shelf) {
      const lines = createInterface({ input: createReadStream(pathOf(shelf)), crlfDelay: Number.POSITIVE_INFINITY });
      const parsed: unknown[] = [];
      try {
        for await (const line of lines) parsed.push(JSON.parse(line));
      } catch {
        return null; // absent or damaged: the server is asked again
      }
      const [head, ...items] = parsed as [Head?, ...CatalogueItem[]];
      const tail = items.pop() as unknown as Tail | undefined;
      const whole = head?.version === 1 && head.server === shelf.server && head.id === shelf.id && tail?.items === items.length;
      return whole ? { readAtMs: head.readAtMs, items } : null;
    },
    async write(shelf, pages, readAtMs) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(shelf);
      const file = await open(`${path}.new`, 'w', 0o600);
      let items = 0;
      try {
        const head: Head = { version: 1, ...shelf, readAtMs };
        await file.appendFile(`${JSON.stringify(head)}\n`);
        for await (const page of pages) {
          items += page.length;
          if (page.length > 0) await file.appendFile(page.map((item) => `${JSON.stringify(item)}\n`).join(''));
        }
        const tail: Tail = { items };
        await file.appendFile(`${JSON.stringify(tail)}\n`);
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
    async keepOnly(shelves) {
      const wanted = new Set(shelves.map(nameOf));
      const there = await readdir(folder).catch(() => []);
      for (const name of there) if (!wanted.has(name)) await rm(join(folder, name), { force: true });
    },
  };
}

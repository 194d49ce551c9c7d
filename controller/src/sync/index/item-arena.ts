// Items as bytes beside the JavaScript heap: a hundred thousand of them as objects would be twice as large, and make every collection of garbage long.
import type { IndexedItem } from './indexed-item.ts';

/** Where an item lies. */
export type Handle = number;

export type ItemArena = {
  add(item: IndexedItem): Handle;
  read(handle: Handle): IndexedItem;
  placeOf(handle: Handle): { readonly server: string; readonly itemId: string };
  isOf(handle: Handle, server: string, itemId: string): boolean;
  /** Its bytes are not used again. */
  waste(handle: Handle): void;
  wastedBytes(): number;
};

const CHUNK = 2 ** 18;
/** Length of the whole (4 bytes), number of the server (2), length of the id (2). */
const HEAD = 8;

type Rest = readonly [
  kind: IndexedItem['kind'],
  name: string,
  year: number | null,
  path: string | null,
  series: IndexedItem['series'],
  ids: string,
];

export function createItemArena(): ItemArena {
  const chunks: Buffer[] = [];
  const servers: string[] = [];
  let used = CHUNK;
  let wasted = 0;
  const place = (length: number): Handle => {
    if (used + length > CHUNK) {
      // What is longer has one for itself, and leaves it full.
      chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, length)));
      used = 0;
    }
    const handle = (chunks.length - 1) * CHUNK + used;
    used += length;
    return handle;
  };
  const at = (handle: Handle) => {
    const [chunk, from] = [chunks[Math.floor(handle / CHUNK)], handle % CHUNK];
    if (chunk === undefined) throw new Error(`nothing lies at ${handle}`);
    const idEnd = from + HEAD + chunk.readUInt16LE(from + 6);
    return { chunk, from, idEnd, end: from + chunk.readUInt32LE(from), server: servers[chunk.readUInt16LE(from + 4)] ?? '' };
  };
  return {
    add({ server, itemId, kind, name, year, path, series, ids }) {
      const rest: Rest = [kind, name, year, path, series, ids];
      const text = JSON.stringify(rest);
      const idLength = Buffer.byteLength(itemId);
      const length = HEAD + idLength + Buffer.byteLength(text);
      if (!servers.includes(server)) servers.push(server);
      const handle = place(length);
      const { chunk, from } = { chunk: chunks.at(-1) ?? Buffer.alloc(0), from: handle % CHUNK };
      chunk.writeUInt32LE(length, from);
      chunk.writeUInt16LE(servers.indexOf(server), from + 4);
      chunk.writeUInt16LE(idLength, from + 6);
      chunk.write(itemId, from + HEAD);
      chunk.write(text, from + HEAD + idLength);
      return handle;
    },
    read(handle) {
      const { chunk, from, idEnd, end, server } = at(handle);
      const [kind, name, year, path, series, ids] = JSON.parse(chunk.toString('utf8', idEnd, end)) as Rest;
      return { server, itemId: chunk.toString('utf8', from + HEAD, idEnd), kind, name, year, path, series, ids };
    },
    placeOf(handle) {
      const { chunk, from, idEnd, server } = at(handle);
      return { server, itemId: chunk.toString('utf8', from + HEAD, idEnd) };
    },
    isOf(handle, server, itemId) {
      const found = at(handle);
      return found.server === server && found.chunk.toString('utf8', found.from + HEAD, found.idEnd) === itemId;
    },
    waste(handle) {
      const { from, end } = at(handle);
      wasted += end - from;
    },
    wastedBytes: () => wasted,
  };
}

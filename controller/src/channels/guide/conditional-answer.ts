// Answers that a client may have already: ETag and 304, and gzip where it is understood or asked for by name.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { RawBody, RequestFacts } from '../../http/route.ts';
import type { Guide } from './guide-cache.ts';

type Asked = Pick<RequestFacts, 'header' | 'reply'>;

/** True where the client has it: the answer is then a 304 without a body. Sets ETag and that a cache must ask each time. */
export function isKnown({ header, reply }: Asked, etag: string): boolean {
  reply.header('ETag', etag);
  reply.header('Cache-Control', 'private, no-cache');
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  const known = (header('if-none-match') ?? '').split(',').map(bare);
  if (!known.includes(bare(etag)) && !known.includes('*')) return false;
  reply.status(304);
  return true;
}

/** `gzip` named (or `*`) and not refused with q=0. */
export function takesGzip(acceptEncoding: string | null): boolean {
  const offers = (acceptEncoding ?? '').split(',').map((offer) =>
    offer
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  const found = offers.find(([name]) => name === 'gzip' || name === 'x-gzip') ?? offers.find(([name]) => name === '*');
  return found !== undefined && !found.some((part) => /^q=0(\.0*)?$/.test(part));
}

const packed = promisify(gzip);
const MAX_PACKED = 16_000_000;
const MAX_PLAIN = 4_000_000;
/** Up to here a guide is answered in one piece, and kept. */
const ONE_PIECE = 2_000_000;

export type GuideAnswers = {
  /** `file`: the bytes are a .gz file; Jellyfin unpacks by the name and would stumble over an encoding besides. */
  answer(guide: Guide, asked: Asked, form: 'file' | 'plain'): Promise<RawBody>;
};

export function createGuideAnswers(): GuideAnswers {
  const plain = keepSome(MAX_PLAIN);
  const packs = keepSome(MAX_PACKED);
  return {
    async answer(guide, asked, form) {
      const { reply, header } = asked;
      if (form === 'plain') reply.header('Vary', 'Accept-Encoding');
      if (isKnown(asked, guide.etag)) return undefined;
      const isPacked = form === 'file' || takesGzip(header('accept-encoding'));
      const known = (isPacked ? packs : plain).get(guide.etag);
      const start = known === undefined ? await firstPiece(guide) : null;
      // After the first piece: an error that it throws is no gzip.
      if (form === 'plain' && isPacked) reply.header('Content-Encoding', 'gzip');
      if (start === null) return known;
      if (start.isWhole) return isPacked ? packs.put(guide.etag, await packed(start.bytes)) : plain.put(guide.etag, start.bytes);
      return isPacked ? packedStream(start.rest()) : Readable.from(start.rest(), { objectMode: false });
    },
  };
}

/** The answers that were made last, by their tag, up to so many bytes. */
function keepSome(maxBytes: number) {
  const kept = new Map<string, Buffer>();
  let total = 0;
  return {
    get: (etag: string): Buffer | undefined => kept.get(etag),
    put(etag: string, bytes: Buffer): Buffer {
      total += bytes.length - (kept.get(etag)?.length ?? 0);
      kept.set(etag, bytes);
      for (const [oldest, { length }] of kept) {
        if (total <= maxBytes) break;
        kept.delete(oldest);
        total -= length;
      }
      return bytes;
    },
  };
}

/** Small guides whole, large ones from the start on: none is ever in memory twice. */
async function firstPiece(guide: Guide) {
  const chunks = guide.chunks();
  const read: Uint8Array[] = [];
  for (let length = 0; length <= ONE_PIECE; ) {
    const next = await chunks.next();
    if (next.done === true) return { isWhole: true as const, bytes: Buffer.concat(read) };
    read.push(next.value);
    length += next.value.length;
  }
  return {
    isWhole: false as const,
    async *rest(): AsyncGenerator<Uint8Array> {
      try {
        for (let chunk = read.shift(); chunk !== undefined; chunk = read.shift()) yield chunk;
        yield* chunks;
      } finally {
        await chunks.return(undefined);
      }
    },
  };
}

function packedStream(chunks: AsyncGenerator<Uint8Array>): Readable {
  const out = createGzip();
  // A reader that leaves destroys the one and thereby the other; its error is the reader's.
  pipeline(Readable.from(chunks, { objectMode: false }), out).catch(() => {});
  return out;
}

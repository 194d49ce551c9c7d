// Blocks of a recording: some minutes of turns, compressed, with a checksum over all of it; each begins with a whole turn and stands for itself.
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompressSync, constants, crc32 } from 'node:zlib';

/** Times UTC ms, the least and the greatest of its turns. */
export type BlockFacts = { readonly turns: number; readonly fromUtc: number; readonly toUtc: number };
/** `start` and `end`: bytes in the file. */
export type FoundBlock = BlockFacts & {
  readonly start: number;
  readonly end: number;
  readonly packed: Buffer;
  readonly rawBytes: number;
};

/**
 * 0 magic · 8 bytes of packed text · 12 of the text · 16 turns · 20 CRC-32 of header (with 0 here) and packed text · 24 from · 32 to.
 * Little endian; times as doubles.
 */
const MAGIC = Buffer.from('HGBLOCK\n', 'latin1');
const HEADER_BYTES = 40;
const CRC_AT = 20;
/** More than any house has: 100 servers with 50 sessions each take 3 MiB. */
const MOST_RAW_BYTES = 64 * 2 ** 20;

const compress = promisify(brotliCompress);
/** On a day of a house: deflate 6 takes 1.5 times the bytes, quality 9 a tenth less for three times the work. */
const QUALITY = 5;

/** Compressed on libuv's threads, not on the event loop. @throws RangeError where it is more than a reader would take. */
export async function packBlock(text: string, { turns, fromUtc, toUtc }: BlockFacts): Promise<Buffer> {
  const raw = Buffer.from(text, 'utf8');
  if (raw.length > MOST_RAW_BYTES) throw new RangeError('the house is too large to be recorded');
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
  const packed = await compress(raw, { params });
  const block = Buffer.concat([Buffer.alloc(HEADER_BYTES), packed]);
  MAGIC.copy(block);
  block.writeUInt32LE(packed.length, 8);
  block.writeUInt32LE(raw.length, 12);
  block.writeUInt32LE(turns, 16);
  block.writeDoubleLE(fromUtc, 24);
  block.writeDoubleLE(toUtc, 32);
  block.writeUInt32LE(crc32(block), CRC_AT);
  return block;
}

/** The text of a block. @throws where it is not what was packed. */
export function unpackBlock({ packed, rawBytes }: FoundBlock): string {
  const raw = brotliDecompressSync(packed, { maxOutputLength: Math.max(1, rawBytes) });
  if (raw.length !== rawBytes) throw new RangeError('a block of another length than it says');
  return raw.toString('utf8');
}

/** The whole, undamaged block that begins at a byte; null where none does. */
export function blockAt(bytes: Buffer, start: number): FoundBlock | null {
  if (start + HEADER_BYTES > bytes.length || !bytes.subarray(start, start + MAGIC.length).equals(MAGIC)) return null;
  const end = start + HEADER_BYTES + bytes.readUInt32LE(start + 8);
  const rawBytes = bytes.readUInt32LE(start + 12);
  if (end > bytes.length || rawBytes > MOST_RAW_BYTES) return null;
  const header = Buffer.from(bytes.subarray(start, start + HEADER_BYTES));
  const sum = header.readUInt32LE(CRC_AT);
  header.writeUInt32LE(0, CRC_AT);
  const packed = bytes.subarray(start + HEADER_BYTES, end);
  if (crc32(packed, crc32(header)) !== sum) return null;
  const facts = { turns: header.readUInt32LE(16), fromUtc: header.readDoubleLE(24), toUtc: header.readDoubleLE(32) };
  return { ...facts, start, end, packed, rawBytes };
}

/** The first whole block behind a damaged place; null where there is none. */
export function nextBlock(bytes: Buffer, from: number): FoundBlock | null {
  for (let at = bytes.indexOf(MAGIC, from); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const found = blockAt(bytes, at);
    if (found !== null) return found;
  }
  return null;
}

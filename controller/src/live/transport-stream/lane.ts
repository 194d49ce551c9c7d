// Pure: gathers the packets of one elementary stream until a PES is whole, and tells where some were lost.
import {
  adaptationFlags,
  at,
  counterOf,
  DISCONTINUITY,
  hasPayload,
  PACKET,
  type PesHeader,
  payloadOffset,
  readPesHeader,
  startsUnit,
} from './packet.ts';

/** More than this is no frame: the largest of H.264 level 5.2 is 3.1 MB raw at 4:2:0. */
const MOST_BYTES = 8 * 2 ** 20;

export type Lane = {
  readonly kind: 'video' | 'audio';
  readonly pid: number;
  /** Of the last packet with payload; -1 before the first. */
  counter: number;
  /** Null between units, and after a loss until the next one begins. */
  header: PesHeader | null;
  bytes: Uint8Array;
  length: number;
  /** Bytes of the PES so far. */
  size: number;
};

export const openLane = (kind: 'video' | 'audio', pid: number): Lane => ({
  kind,
  pid,
  counter: -1,
  header: null,
  bytes: new Uint8Array(64 * 1024),
  length: 0,
  size: 0,
});

/** Whether the packet at `from` follows the last one; `again` is a second copy of it, which the standard allows. */
export function follows(lane: Lane, bytes: Uint8Array, from: number): 'next' | 'again' | 'lost' {
  const counter = counterOf(bytes, from);
  // The second byte's first bit: the sender knew that the packet was broken. The fourth's first two: scrambled.
  if ((at(bytes, from + 1) & 0x80) !== 0 || (at(bytes, from + 3) & 0xc0) !== 0) return 'lost';
  if (lane.counter < 0 || counter === ((lane.counter + 1) & 0x0f)) return 'next';
  if (counter === lane.counter && isCopy(lane, bytes, from)) return 'again';
  return startsUnit(bytes, from) && (adaptationFlags(bytes, from) & DISCONTINUITY) !== 0 ? 'next' : 'lost';
}

function isCopy(lane: Lane, bytes: Uint8Array, from: number): boolean {
  const last = lane.length - PACKET;
  if (last < 0) return false;
  for (let i = 0; i < PACKET; i++) if (lane.bytes[last + i] !== bytes[from + i]) return false;
  return true;
}

/** Begins a unit; false where the packet holds no PES header that can be read. */
export function begin(lane: Lane, bytes: Uint8Array, from: number): boolean {
  lane.length = 0;
  lane.size = 0;
  lane.header = null;
  const header = readPesHeader(bytes, from);
  if (header === null) return false;
  // Indices are kept as they are in the lane's own bytes.
  lane.header = {
    ptsAt: header.ptsAt - from,
    dtsAt: header.dtsAt === null ? null : header.dtsAt - from,
    dataAt: header.dataAt - from,
    size: header.size,
  };
  return append(lane, bytes, from);
}

/** False where the unit grew beyond any frame's size, or the packet makes no sense. */
export function append(lane: Lane, bytes: Uint8Array, from: number): boolean {
  const payload = payloadOffset(bytes, from);
  if (!hasPayload(bytes, from) || payload >= PACKET || lane.length + PACKET > MOST_BYTES) return false;
  if (lane.length + PACKET > lane.bytes.length) {
    const larger = new Uint8Array(lane.bytes.length * 2);
    larger.set(lane.bytes);
    lane.bytes = larger;
  }
  lane.bytes.set(bytes.subarray(from, from + PACKET), lane.length);
  lane.length += PACKET;
  lane.size += PACKET - payload;
  return true;
}

/** Whether the PES has all the bytes that it says; never for one that says none. */
export const isFull = ({ header, size }: Lane): boolean => header !== null && header.size !== null && size >= header.size;

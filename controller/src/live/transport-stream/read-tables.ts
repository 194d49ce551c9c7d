// Pure: which streams a source has, from its PAT and PMT. Each table in one packet, as ffmpeg writes them for two streams.
import { at, PACKET, payloadOffset, startsUnit } from './packet.ts';
import { ADTS, crc32, H264 } from './tables.ts';

export type SourceStreams = {
  readonly video: number | null;
  readonly audio: number | null;
  /** Stream types that are neither H.264 nor AAC. */
  readonly others: readonly number[];
};

/** PID of the first programme's PMT; null where this packet holds no sound PAT. */
export function readPat(bytes: Uint8Array, from: number): number | null {
  const range = sectionIn(bytes, from, 0);
  if (range === null) return null;
  for (let entry = range.body; entry + 4 <= range.end; entry += 4)
    if (at(bytes, entry) !== 0 || at(bytes, entry + 1) !== 0) return pidAt(bytes, entry + 2);
  return null;
}

/** Null where this packet holds no sound PMT. */
export function readPmt(bytes: Uint8Array, from: number): SourceStreams | null {
  const range = sectionIn(bytes, from, 2);
  if (range === null) return null;
  let video: number | null = null;
  let audio: number | null = null;
  const others: number[] = [];
  let entry = range.body + 4 + lengthAt(bytes, range.body + 2);
  for (; entry + 5 <= range.end; entry += 5 + lengthAt(bytes, entry + 3)) {
    const type = at(bytes, entry);
    if (type === H264) video ??= pidAt(bytes, entry + 1);
    else if (type === ADTS) audio ??= pidAt(bytes, entry + 1);
    else others.push(type);
  }
  return { video, audio, others };
}

const pidAt = (bytes: Uint8Array, index: number): number => ((at(bytes, index) & 0x1f) << 8) | at(bytes, index + 1);
const lengthAt = (bytes: Uint8Array, index: number): number => ((at(bytes, index) & 0x0f) << 8) | at(bytes, index + 1);

/** Where the section's own part stands, between its head of 8 bytes and its CRC. */
function sectionIn(bytes: Uint8Array, from: number, tableId: number): { body: number; end: number } | null {
  const payload = from + payloadOffset(bytes, from);
  if (!startsUnit(bytes, from) || payload >= from + PACKET) return null;
  const start = payload + 1 + at(bytes, payload);
  const end = start + 3 + lengthAt(bytes, start + 1);
  if (end > from + PACKET || end < start + 12 || at(bytes, start) !== tableId) return null;
  return crc32(bytes, start, end) === 0 ? { body: start + 8, end: end - 4 } : null;
}

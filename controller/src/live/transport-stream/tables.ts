// Pure: the two tables of every channel's stream (PAT, PMT), the same for ever: Jellyfin's probe looks once (ISO/IEC 13818-1 §2.4.4).
import { DISCONTINUITY, PACKET, SYNC } from './packet.ts';

const PAT_PID = 0;
const PMT_PID = 0x1000;
export const VIDEO_PID = 0x100;
export const AUDIO_PID = 0x101;
/** H.264 and AAC in ADTS, as table 2-34 of the standard and its amendments number them. */
export const H264 = 0x1b;
export const ADTS = 0x0f;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** CRC-32/MPEG-2; over a whole section with its CRC it is 0. */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffffffff;
  for (let i = from; i < to; i++) crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0)) >>> 0;
  return crc;
}

const word = (value: number): readonly [number, number] => [value >> 8, value & 0xff];
const stream = (type: number, pid: number): readonly number[] => [type, ...word(0xe000 | pid), ...word(0xf000)];

/** Version 0, section 0 of 0, valid now. `id` is the transport stream's or the programme's. */
function section(tableId: number, id: number, body: readonly number[]): readonly number[] {
  const bytes = [tableId, ...word(0xb000 | (body.length + 9)), ...word(id), 0xc1, 0, 0, ...body];
  const crc = crc32(Uint8Array.from(bytes));
  return [...bytes, ...word(crc >>> 16), ...word(crc & 0xffff)];
}

const PROGRAMME = 1;
const PAT = section(0, 1, [...word(PROGRAMME), ...word(0xe000 | PMT_PID)]);
const PMT = section(2, PROGRAMME, [
  ...word(0xe000 | VIDEO_PID),
  ...word(0xf000),
  ...stream(H264, VIDEO_PID),
  ...stream(ADTS, AUDIO_PID),
]);

function tablePacket(pid: number, table: readonly number[], adaptation: readonly number[]): Uint8Array {
  const packet = new Uint8Array(PACKET).fill(0xff);
  packet.set([SYNC, 0x40 | (pid >> 8), pid & 0xff, adaptation.length > 0 ? 0x30 : 0x10, ...adaptation, 0, ...table]);
  return packet;
}

const BOTH = [[], [1, DISCONTINUITY]].map((adaptation) => ({
  pat: tablePacket(PAT_PID, PAT, adaptation),
  pmt: tablePacket(PMT_PID, PMT, adaptation),
}));

/** Bytes that `writeTables` fills. */
export const TABLES = 2 * PACKET;

/** PAT and PMT to `bytes` at `from`, with these continuity counters; `broken` says that the counters begin anew. */
export function writeTables(bytes: Uint8Array, from: number, counters: { pat: number; pmt: number }, broken = false): void {
  const tables = BOTH[broken ? 1 : 0];
  if (tables === undefined) return;
  bytes.set(tables.pat, from);
  bytes.set(tables.pmt, from + PACKET);
  bytes[from + 3] = (bytes[from + 3] ?? 0) | (counters.pat & 0x0f);
  bytes[from + PACKET + 3] = (bytes[from + PACKET + 3] ?? 0) | (counters.pmt & 0x0f);
}

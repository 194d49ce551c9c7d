// Pure: the fields of a transport stream packet and of the PES header in it (ISO/IEC 13818-1 §2.4.3). Reads and writes in place.

export const PACKET = 188;
export const SYNC = 0x47;
/** Time stamps have 33 bits and begin again at 0 after 26.5 h. */
const WRAP = 2 ** 33;

export const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;

export const pidOf = (bytes: Uint8Array, from: number): number => ((at(bytes, from + 1) & 0x1f) << 8) | at(bytes, from + 2);
export const startsUnit = (bytes: Uint8Array, from: number): boolean => (at(bytes, from + 1) & 0x40) !== 0;
export const hasPayload = (bytes: Uint8Array, from: number): boolean => (at(bytes, from + 3) & 0x10) !== 0;
export const counterOf = (bytes: Uint8Array, from: number): number => at(bytes, from + 3) & 0x0f;

/** Flags of the adaptation field; 0 where there is none or it is empty. */
export const adaptationFlags = (bytes: Uint8Array, from: number): number =>
  (at(bytes, from + 3) & 0x20) !== 0 && at(bytes, from + 4) > 0 ? at(bytes, from + 5) : 0;
export const DISCONTINUITY = 0x80;
export const RANDOM_ACCESS = 0x40;
export const HAS_PCR = 0x10;

/** Where the payload begins, counted from the packet's first byte; 188 or more where there is none. */
export function payloadOffset(bytes: Uint8Array, from: number): number {
  if (!hasPayload(bytes, from)) return PACKET;
  return (at(bytes, from + 3) & 0x20) === 0 ? 4 : 5 + at(bytes, from + 4);
}

/** Whether bytes were put in to fill the packet up: so ends a PES that does not fill its last packet by chance. */
export function isStuffed(bytes: Uint8Array, from: number): boolean {
  if ((at(bytes, from + 3) & 0x20) === 0) return false;
  const length = at(bytes, from + 4);
  if (length === 0) return true;
  return length > 1 + ((at(bytes, from + 5) & HAS_PCR) !== 0 ? 6 : 0);
}

/** Where the time stamps of a PES stand, and how long it says to be. */
export type PesHeader = {
  /** Index of the five bytes of the PTS. */
  readonly ptsAt: number;
  /** Index of those of the DTS; null where the DTS is the PTS. */
  readonly dtsAt: number | null;
  /** Index of the first byte after the header. */
  readonly dataAt: number;
  /** Bytes of the whole PES with its header; null where it runs to the next one. */
  readonly size: number | null;
};

/** The PES that begins in the packet at `from`; null where none does, or it has no PTS, or its header is not whole in this packet. */
export function readPesHeader(bytes: Uint8Array, from: number): PesHeader | null {
  const pes = from + payloadOffset(bytes, from);
  const end = from + PACKET;
  if (pes + 14 > end || at(bytes, pes) !== 0 || at(bytes, pes + 1) !== 0 || at(bytes, pes + 2) !== 1) return null;
  const flags = at(bytes, pes + 7);
  const dataAt = pes + 9 + at(bytes, pes + 8);
  const hasDts = (flags & 0x40) !== 0;
  if ((flags & 0x80) === 0 || dataAt > end || dataAt < pes + (hasDts ? 19 : 14)) return null;
  const length = (at(bytes, pes + 4) << 8) | at(bytes, pes + 5);
  return { ptsAt: pes + 9, dtsAt: hasDts ? pes + 14 : null, dataAt, size: length === 0 ? null : length + 6 };
}

/** A PTS or DTS, 33 bits of 90 kHz. */
export const readTime = (bytes: Uint8Array, index: number): number =>
  (at(bytes, index) & 0x0e) * 2 ** 29 +
  at(bytes, index + 1) * 2 ** 22 +
  (at(bytes, index + 2) >> 1) * 2 ** 15 +
  at(bytes, index + 3) * 2 ** 7 +
  (at(bytes, index + 4) >> 1);

/** `mark` is 2 for a PTS alone, 3 for a PTS with a DTS, 1 for that DTS. */
export function writeTime(bytes: Uint8Array, index: number, mark: 1 | 2 | 3, ticks: number): void {
  const time = modulo(ticks, WRAP);
  // Bits 32 to 30 apart: JavaScript's bit operators take 32.
  const low = time % 2 ** 30;
  bytes[index] = (mark << 4) | (Math.floor(time / 2 ** 30) << 1) | 1;
  bytes[index + 1] = (low >> 22) & 0xff;
  bytes[index + 2] = ((low >> 14) & 0xfe) | 1;
  bytes[index + 3] = (low >> 7) & 0xff;
  bytes[index + 4] = ((low << 1) & 0xfe) | 1;
}

/** A PCR at `index`; `clock` in 27 MHz, of any size. */
export function writePcr(bytes: Uint8Array, index: number, clock: number): void {
  const base = modulo(Math.floor(clock / 300), WRAP);
  const extension = modulo(clock, 300);
  bytes[index] = Math.floor(base / 2 ** 25);
  bytes[index + 1] = Math.floor(base / 2 ** 17) & 0xff;
  bytes[index + 2] = Math.floor(base / 2 ** 9) & 0xff;
  bytes[index + 3] = Math.floor(base / 2) & 0xff;
  bytes[index + 4] = ((base % 2) << 7) | 0x7e | (extension >> 8);
  bytes[index + 5] = extension & 0xff;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** The time of 33 bits nearest to `near`, without the wrap. */
export function unwrap(time: number, near: number): number {
  const ahead = modulo(time - near, WRAP);
  return near + (ahead >= WRAP / 2 ? ahead - WRAP : ahead);
}

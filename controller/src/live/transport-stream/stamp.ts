// Pure: gives the packets of one unit the channel's PID, continuity counters and time stamps, in place.
import { adaptationFlags, at, DISCONTINUITY, HAS_PCR, PACKET, readPesHeader, SYNC, writePcr, writeTime } from './packet.ts';

export type Stamp = {
  readonly pid: number;
  /** Of the first packet, 0 to 15. */
  readonly counter: number;
  /** Ticks, unwrapped. */
  readonly pts: number;
  readonly dts: number;
  /** 27 MHz, for where the source has a PCR in this unit. */
  readonly clock: number;
};

/** Whether a PCR stands in the unit's first packet, or has to be sent before it. */
export const carriesClock = (packets: Uint8Array): boolean => (adaptationFlags(packets, 0) & HAS_PCR) !== 0;

/**
 * Stamps the packets in `bytes` from `from` to its end; all have payload, and a PES begins in the first.
 * A PCR further inside a unit stands one tick of 27 MHz after the one before. A source's discontinuity_indicator is cleared.
 * Answers with the last PCR written plus one tick of 27 MHz; `clock` where there was none.
 */
export function stampPackets(bytes: Uint8Array, from: number, { pid, counter, pts, dts, clock }: Stamp): number {
  let pcr = clock;
  for (let packet = from, next = counter; packet < bytes.length; packet += PACKET, next++) {
    // The PID stands in 5 bits of the second byte and the whole third; transport_error_indicator and priority are cleared.
    bytes[packet + 1] = (at(bytes, packet + 1) & 0x40) | (pid >> 8);
    bytes[packet + 2] = pid & 0xff;
    bytes[packet + 3] = (at(bytes, packet + 3) & 0x30) | (next & 0x0f);
    const flags = adaptationFlags(bytes, packet);
    if ((flags & DISCONTINUITY) !== 0) bytes[packet + 5] = flags & ~DISCONTINUITY;
    if ((flags & HAS_PCR) !== 0) writePcr(bytes, packet + 6, pcr++);
  }
  const header = readPesHeader(bytes, from);
  if (header === null) return pcr;
  writeTime(bytes, header.ptsAt, header.dtsAt === null ? 2 : 3, pts);
  if (header.dtsAt !== null) writeTime(bytes, header.dtsAt, 1, dts);
  return pcr;
}

/** A packet without payload: its counter is that of the last packet of its PID that had one. */
export function writeClockPacket(bytes: Uint8Array, from: number, { pid, counter, clock }: Omit<Stamp, 'pts' | 'dts'>): void {
  bytes.fill(0xff, from, from + PACKET);
  bytes.set([SYNC, pid >> 8, pid & 0xff, 0x20 | (counter & 0x0f), PACKET - 5, HAS_PCR], from);
  writePcr(bytes, from + 6, clock);
}

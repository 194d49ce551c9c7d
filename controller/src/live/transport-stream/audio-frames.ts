// Pure: splits an audio PES that holds several ADTS frames into one PES a frame, so that a join loses less than one frame of sound.
import { at, PACKET, payloadOffset, SYNC, writeTime } from './packet.ts';

/** ISO/IEC 14496-3 table 1.18. */
const SAMPLE_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const SAMPLES = 1024;
const CLOCK_HZ = 90_000;
const PES_HEAD = 14;
const ADTS_HEAD = 7;

/** A frame's packets (PID and counters are not filled in) and its time after the PES's own. */
export type AudioFrame = { readonly packets: Uint8Array; readonly afterTicks: number };

/**
 * The ADTS frames of one whole PES, which begin with it: ffmpeg never lets one run over two PES.
 * A PES of one frame stays as it is; a broken frame ends the list.
 */
export function splitAudio(packets: Uint8Array, dataAt: number, pts: number): readonly AudioFrame[] {
  const data = payloadOf(packets, dataAt);
  const frames: AudioFrame[] = [];
  let ticks = 0;
  for (let from = 0; from + ADTS_HEAD <= data.length; ) {
    const size = ((at(data, from + 3) & 0x03) << 11) | (at(data, from + 4) << 3) | (at(data, from + 5) >> 5);
    const rate = SAMPLE_RATES[(at(data, from + 2) >> 2) & 0x0f];
    const synced = at(data, from) === 0xff && (at(data, from + 1) & 0xf6) === 0xf0;
    if (!synced || rate === undefined || size < ADTS_HEAD || from + size > data.length) break;
    if (from === 0 && size === data.length) return [{ packets, afterTicks: 0 }];
    frames.push({ packets: packFrame(data.subarray(from, from + size), pts + Math.round(ticks)), afterTicks: Math.round(ticks) });
    const blocks = (at(data, from + 6) & 0x03) + 1;
    ticks += (blocks * SAMPLES * CLOCK_HZ) / rate;
    from += size;
  }
  return frames;
}

/** What a PES carries, without headers. */
function payloadOf(packets: Uint8Array, dataAt: number): Uint8Array {
  const data = new Uint8Array(packets.length);
  let length = 0;
  for (let packet = 0; packet < packets.length; packet += PACKET) {
    const from = packet === 0 ? dataAt : Math.min(packet + payloadOffset(packets, packet), packet + PACKET);
    data.set(packets.subarray(from, packet + PACKET), length);
    length += packet + PACKET - from;
  }
  return data.subarray(0, length);
}

/** One frame as a PES of its own. The last packet is filled up by its adaptation field. */
function packFrame(frame: Uint8Array, pts: number): Uint8Array {
  const pes = new Uint8Array(PES_HEAD + frame.length);
  const length = pes.length - 6;
  pes.set([0, 0, 1, 0xc0, length >> 8, length & 0xff, 0x84, 0x80, 5]);
  writeTime(pes, 9, 2, pts);
  pes.set(frame, PES_HEAD);
  const count = Math.ceil(pes.length / (PACKET - 4));
  const packets = new Uint8Array(count * PACKET).fill(0xff);
  for (let i = 0; i < count; i++) {
    const part = pes.subarray(i * (PACKET - 4), (i + 1) * (PACKET - 4));
    const filled = PACKET - 4 - part.length;
    packets.set([SYNC, i === 0 ? 0x40 : 0, 0, filled > 0 ? 0x30 : 0x10], i * PACKET);
    if (filled > 0) packets[i * PACKET + 4] = filled - 1;
    if (filled > 1) packets[i * PACKET + 5] = 0;
    packets.set(part, (i + 1) * PACKET - part.length);
  }
  return packets;
}

// Reads only the fixed headers of an MQTT byte stream (MQTT 3.1.1 §2.2), to stop an oversized packet before it is gathered in memory. Pure.

/** Answers false as soon as a packet announces more than `mostBytes`; from then on the stream must be cut. */
export type PacketLengthGuard = (chunk: Uint8Array) => boolean;

/** One guard per connection. aedes has no such limit of its own: its parser would gather 256 MiB. */
export function createPacketLengthGuard(mostBytes: number): PacketLengthGuard {
  /** Bytes of the current packet's body still to come. */
  let body = 0;
  /** Inside the length field: what has been read of it and the weight of its next byte; weight 0 is "before the type byte". */
  let length = 0;
  let weight = 0;

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body > 0) {
        const skipped = Math.min(body, chunk.length - at);
        body -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      if (weight === 0) {
        weight = 1;
        length = 0;
        continue;
      }
      length += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (length > mostBytes) return false;
      if (byte < 0x80) {
        body = length;
        weight = 0;
      } else if (weight > 0x80 ** 3) {
        return false;
      }
    }
    return true;
  };
}

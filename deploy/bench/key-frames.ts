// Pure: the key frames of an MPEG-TS recording, and where in it they stand.

const PACKET = 188;
const SYNC = 0x47;

export type KeyFrame = {
  /** Offset of its first packet. */
  readonly from: number;
  /** Offset behind its last packet. */
  readonly to: number;
  /** The elementary stream's bytes: the same for the same picture, wherever it was spliced in. */
  readonly picture: Buffer;
};

/** H.264 only. The last picture of the recording may not be whole and is left out. */
export function keyFrames(bytes: Buffer): readonly KeyFrame[] {
  const found: KeyFrame[] = [];
  let open: { from: number; to: number; pid: number; parts: Buffer[] } | null = null;
  for (let at = 0; at + PACKET <= bytes.length && bytes[at] === SYNC; at += PACKET) {
    const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
    const payload = payloadOf(bytes, at);
    if (payload === null) continue;
    const begins = (bytes.readUInt8(at + 1) & 0x40) !== 0 && isVideo(payload);
    if (begins) {
      if (open !== null) add(found, open);
      open = { from: at, to: at + PACKET, pid, parts: [payload.subarray(9 + payload.readUInt8(8))] };
    } else if (open !== null && pid === open.pid) {
      open.to = at + PACKET;
      open.parts.push(payload);
    }
  }
  return found;
}

function add(found: KeyFrame[], { from, to, parts }: { from: number; to: number; parts: readonly Buffer[] }): void {
  const picture = Buffer.concat(parts);
  if (hasIdr(picture)) found.push({ from, to, picture });
}

function payloadOf(bytes: Buffer, at: number): Buffer | null {
  const control = (bytes.readUInt8(at + 3) >> 4) & 3;
  if ((control & 1) === 0) return null;
  const skipped = control === 3 ? 1 + bytes.readUInt8(at + 4) : 0;
  return bytes.subarray(at + 4 + skipped, at + PACKET);
}

const isVideo = (payload: Buffer): boolean =>
  payload.length > 9 && payload.readUIntBE(0, 3) === 1 && (payload.readUInt8(3) & 0xf0) === 0xe0;

/** NAL unit type 5 (H.264 table 7-1). */
function hasIdr(picture: Buffer): boolean {
  const start = Buffer.from([0, 0, 1]);
  for (let at = picture.indexOf(start); at >= 0; at = picture.indexOf(start, at + 3)) {
    const type = (picture[at + 3] ?? 0) & 0x1f;
    if (type === 5) return true;
    if (type === 1) return false;
  }
  return false;
}

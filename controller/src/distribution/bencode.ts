// Pure: as much of bencoding (BEP 3) as a tracker's answers and the .torrent files of our own need.

export type Bencoded = number | string | Uint8Array | readonly Bencoded[] | { readonly [key: string]: Bencoded };

const encoder = new TextEncoder();
const END = 0x65;
const MAX_DEPTH = 16;

export function encodeBencode(value: Bencoded): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return joined(parts);
}

function write(value: Bencoded, parts: Uint8Array[]): void {
  const text = (one: string): void => void parts.push(encoder.encode(one));
  if (typeof value === 'number') text(`i${value}e`);
  else if (value instanceof Uint8Array) {
    text(`${value.length}:`);
    parts.push(value);
  } else if (typeof value === 'string') write(encoder.encode(value), parts);
  else if (isList(value)) {
    text('l');
    for (const one of value) write(one, parts);
    text('e');
  } else {
    text('d');
    // In the order of their bytes; our names are ASCII.
    for (const [key, one] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      write(key, parts);
      write(one, parts);
    }
    text('e');
  }
}

const isList = (value: Bencoded): value is readonly Bencoded[] => Array.isArray(value);

/**
 * Another .torrent of the same info dictionary, byte for byte, and nothing else but a tracker.
 * Null where the bytes are no .torrent file.
 */
export function withTracker(torrent: Uint8Array, announce: string | null): Uint8Array | null {
  const info = infoOf(torrent);
  if (info === null) return null;
  const head = announce === null ? [] : [encodeBencode('announce'), encodeBencode(announce)];
  return joined([encoder.encode('d'), ...head, encodeBencode('info'), info, encoder.encode('e')]);
}

function infoOf(torrent: Uint8Array): Uint8Array | null {
  if (torrent[0] !== 0x64) return null;
  for (let at = 1; at < torrent.length && torrent[at] !== END; ) {
    const keyEnd = endOf(torrent, at, 0);
    const end = keyEnd === null ? null : endOf(torrent, keyEnd, 1);
    if (keyEnd === null || end === null) return null;
    if (new TextDecoder('latin1').decode(torrent.subarray(at, keyEnd)) === '4:info') return torrent.subarray(keyEnd, end);
    at = end;
  }
  return null;
}

/** Where the value that begins here ends. */
function endOf(bytes: Uint8Array, at: number, depth: number): number | null {
  if (depth > MAX_DEPTH) return null;
  const first = bytes[at];
  if (first === 0x69) {
    const end = bytes.indexOf(END, at);
    return end < 0 ? null : end + 1;
  }
  if (first === 0x6c || first === 0x64) {
    let next: number | null = at + 1;
    while (next !== null && bytes[next] !== END) next = next < bytes.length ? endOf(bytes, next, depth + 1) : null;
    return next === null ? null : next + 1;
  }
  const colon = bytes.indexOf(0x3a, at);
  if (colon < 0 || colon - at > 12) return null;
  const digits = new TextDecoder('latin1').decode(bytes.subarray(at, colon));
  const end = colon + 1 + Number(digits);
  return /^\d+$/.test(digits) && end <= bytes.length ? end : null;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

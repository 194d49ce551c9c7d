// Pure: bencoding (BEP 3), as .torrent files and trackers have it. Strings are bytes.

export type Bencoded = number | Uint8Array | readonly Bencoded[] | BencodedDictionary;
/** Without a prototype. Keys are read as Latin-1, one character a byte. */
export type BencodedDictionary = { readonly [key: string]: Bencoded };

/** A value and where it lay in the bytes that it was read from. */
export type Decoded = { readonly value: Bencoded; readonly end: number };

const MAX_DEPTH = 16;
const MAX_KEY_BYTES = 256;
const [DICTIONARY, LIST, INTEGER, END, COLON, ZERO, NINE, MINUS] = [0x64, 0x6c, 0x69, 0x65, 0x3a, 0x30, 0x39, 0x2d];

/** @returns null where the bytes are not one well-formed value and nothing after it. */
export function decodeBencode(bytes: Uint8Array): Bencoded | null {
  const decoded = decodeAt(bytes, 0, 0);
  return decoded === null || decoded.end !== bytes.length ? null : decoded.value;
}

/** The bytes of one value of a dictionary, as they stand there: what an info hash is of. @returns null where there is none. */
export function bytesOfKey(dictionary: Uint8Array, wanted: string): Uint8Array | null {
  if (dictionary[0] !== DICTIONARY) return null;
  for (let at = 1; dictionary[at] !== END; ) {
    const key = stringAt(dictionary, at);
    if (key === null) return null;
    const value = decodeAt(dictionary, key.end, 1);
    if (value === null) return null;
    if (latin1(key.value) === wanted) return dictionary.subarray(key.end, value.end);
    at = value.end;
  }
  return null;
}

export const isDictionary = (value: Bencoded | undefined): value is BencodedDictionary =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);

export const isList = (value: Bencoded | undefined): value is readonly Bencoded[] => Array.isArray(value);

function decodeAt(bytes: Uint8Array, at: number, depth: number): Decoded | null {
  if (depth > MAX_DEPTH) return null;
  const first = bytes[at];
  if (first === INTEGER) return integerAt(bytes, at + 1);
  if (first === LIST) return listAt(bytes, at + 1, depth);
  return first === DICTIONARY ? dictionaryAt(bytes, at + 1, depth) : stringAt(bytes, at);
}

function listAt(bytes: Uint8Array, from: number, depth: number): Decoded | null {
  const value: Bencoded[] = [];
  let at = from;
  while (bytes[at] !== END) {
    const one = decodeAt(bytes, at, depth + 1);
    if (one === null) return null;
    value.push(one.value);
    at = one.end;
  }
  return { value, end: at + 1 };
}

function dictionaryAt(bytes: Uint8Array, from: number, depth: number): Decoded | null {
  const value: Record<string, Bencoded> = Object.create(null);
  let at = from;
  while (bytes[at] !== END) {
    const key = stringAt(bytes, at);
    const one = key === null ? null : decodeAt(bytes, key.end, depth + 1);
    if (key === null || one === null || key.value.length > MAX_KEY_BYTES) return null;
    const name = latin1(key.value);
    // Readers differ on which of two counts: such a file means one thing here and another there.
    if (name in value) return null;
    value[name] = one.value;
    at = one.end;
  }
  return { value, end: at + 1 };
}

function integerAt(bytes: Uint8Array, from: number): Decoded | null {
  const negative = bytes[from] === MINUS;
  const digits = digitsAt(bytes, negative ? from + 1 : from);
  if (digits === null || bytes[digits.end] !== END) return null;
  return { value: negative ? -digits.value : digits.value, end: digits.end + 1 };
}

function stringAt(bytes: Uint8Array, at: number): (Decoded & { readonly value: Uint8Array }) | null {
  const length = digitsAt(bytes, at);
  if (length === null || bytes[length.end] !== COLON) return null;
  const from = length.end + 1;
  const end = from + length.value;
  return end > bytes.length ? null : { value: bytes.subarray(from, end), end };
}

function digitsAt(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | null {
  let [value, at] = [0, from];
  for (let digit = bytes[at]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = bytes[at]) {
    value = value * 10 + digit - ZERO;
    if (!Number.isSafeInteger(value)) return null;
    at += 1;
  }
  return at === from ? null : { value, end: at };
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, MAX_KEY_BYTES));

/** A string goes in as UTF-8, and keys are put in order. */
export type Encodable = number | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

export function encodeBencode(value: Encodable): Uint8Array {
  const parts: Uint8Array[] = [];
  encodeInto(value, parts);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeInto(value: Encodable, parts: Uint8Array[]): void {
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  if (typeof value === 'number') parts.push(text(`i${value}e`));
  else if (typeof value === 'string') encodeInto(text(value), parts);
  else if (value instanceof Uint8Array) parts.push(text(`${value.length}:`), value);
  else if (Array.isArray(value)) {
    parts.push(text('l'));
    for (const one of value) encodeInto(one, parts);
    parts.push(text('e'));
  } else {
    parts.push(text('d'));
    for (const [key, one] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      encodeInto(key, parts);
      encodeInto(one, parts);
    }
    parts.push(text('e'));
  }
}

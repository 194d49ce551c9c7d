// Pure: JSON as templates of the webhook plugin make it: bare words, empty values, stray commas, quotes and line ends inside of texts.

/** `problem` names what is wrong and where, never a value. */
export type LooseJson = { readonly ok: unknown } | { readonly problem: string };

/** What is JSON is taken as JSON; the rest as far as it can mean one thing only. */
export function readLooseJson(text: string): LooseJson {
  try {
    return { ok: JSON.parse(text) as unknown };
  } catch {
    return readLoosely({ text, at: 0, key: null });
  }
}

/** `key`: the latest one, for what is told. */
type Cursor = { readonly text: string; at: number; key: string | null };

const MAX_DEPTH = 16;
const SPACE = /\s*/y;
const SPACE_AND_COMMAS = /[\s,]*/y;
const PLAIN = /[^"\\]*/y;
const BARE = /[^,}\]\r\n]*/y;
const AFTER_KEY = /\s*:/y;
/** A quote ends a text where something else begins behind it; else it is part of it. */
const AFTER_TEXT = /\s*(?:,\s*(?:["\]}]|$)|[\]}]|$)/y;
const UNICODE = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** As .NET, Python and JSON write them. */
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null, none: null, '': null };

function readLoosely(cursor: Cursor): LooseJson {
  try {
    const value = readValue(cursor, 0);
    skip(cursor, SPACE);
    if (cursor.at < cursor.text.length) throw wrong(cursor, 'something follows the end');
    return { ok: value };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: error.message };
    throw error;
  }
}

function readValue(cursor: Cursor, depth: number): unknown {
  if (depth > MAX_DEPTH) throw wrong(cursor, 'too many brackets inside of one another');
  skip(cursor, SPACE);
  const begin = cursor.text[cursor.at];
  if (begin === '{') return readMap(cursor, depth);
  if (begin === '[') return readList(cursor, depth);
  return begin === '"' ? readText(cursor, AFTER_TEXT) : readBare(cursor);
}

function readMap(cursor: Cursor, depth: number): unknown {
  const entries: [string, unknown][] = [];
  cursor.at += 1;
  for (;;) {
    skip(cursor, SPACE_AND_COMMAS);
    if (ends(cursor, '}')) return Object.fromEntries(entries);
    if (cursor.text[cursor.at] !== '"') throw wrong(cursor, 'a name in double quotes should stand here');
    const key = readText(cursor, AFTER_KEY);
    cursor.key = key;
    skip(cursor, AFTER_KEY);
    entries.push([key, readValue(cursor, depth + 1)]);
    mustEnd(cursor, '}');
  }
}

function readList(cursor: Cursor, depth: number): unknown {
  const values: unknown[] = [];
  cursor.at += 1;
  for (;;) {
    skip(cursor, SPACE_AND_COMMAS);
    if (ends(cursor, ']')) return values;
    if (cursor.at >= cursor.text.length) throw wrong(cursor, 'the end is missing');
    values.push(readValue(cursor, depth + 1));
    mustEnd(cursor, ']');
  }
}

/** Behind a value: a comma, or the end of what it stands in. */
function mustEnd(cursor: Cursor, end: '}' | ']'): void {
  skip(cursor, SPACE);
  const next = cursor.text[cursor.at];
  if (next === undefined) throw wrong(cursor, `"${end}" is missing at the end`);
  if (next !== ',' && next !== end) throw wrong(cursor, 'a comma is missing, or a quote too many');
}

function ends(cursor: Cursor, end: '}' | ']'): boolean {
  if (cursor.text[cursor.at] !== end) return false;
  cursor.at += 1;
  return true;
}

/** @param after what must follow the quote that ends it */
function readText(cursor: Cursor, after: RegExp): string {
  const { text } = cursor;
  const parts: string[] = [];
  cursor.at += 1;
  for (;;) {
    parts.push(skip(cursor, PLAIN));
    const mark = text[cursor.at];
    if (mark === undefined) throw wrong(cursor, 'a text has no end');
    cursor.at += 1;
    if (mark === '\\') parts.push(readEscape(cursor));
    else if (matches(cursor, after)) return parts.join('');
    else parts.push(mark);
  }
}

/** A backslash that escapes nothing stands for itself. */
function readEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at] ?? '';
  if (letter === 'u') {
    UNICODE.lastIndex = cursor.at + 1;
    const code = UNICODE.exec(cursor.text)?.[0];
    if (code === undefined) return '\\';
    cursor.at += 5;
    return String.fromCharCode(Number.parseInt(code, 16));
  }
  const meant = ESCAPES[letter];
  if (meant === undefined) return '\\';
  cursor.at += 1;
  return meant;
}

/** A word or a number; anything else that stands without quotes is text. */
function readBare(cursor: Cursor): unknown {
  const word = skip(cursor, BARE).trim();
  if (/["{[]/.test(word)) throw wrong(cursor, 'a comma is missing, or a quote too many');
  const known = word.toLowerCase();
  if (Object.hasOwn(WORDS, known)) return WORDS[known];
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(word) ? Number(word) : word;
}

function matches({ text, at }: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** What the pattern takes, from here on. */
function skip(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const taken = pattern.exec(cursor.text)?.[0] ?? '';
  cursor.at += taken.length;
  return taken;
}

const wrong = ({ at, key }: Cursor, what: string): SyntaxError =>
  new SyntaxError(`${what} (character ${at + 1}${key === null ? '' : `, near "${key.slice(0, 40)}"`})`);

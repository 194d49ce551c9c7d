// Pure: the head of an HTTP/1 answer, to the few things that a range needs. RFC 9112; what is not plain is refused rather than guessed.

/** A head that does not end within so many bytes is none. */
export const MOST_HEAD_BYTES = 16 * 1024;

/** @property headers by lower-case name. @property isKept the connection may be used for another question. */
export type ResponseHead = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly isKept: boolean;
};

/** @param text the lines before the empty one. A string is what is wrong, fit to follow "it". */
export function readHead(text: string): ResponseHead | string {
  const [first = '', ...lines] = text.split('\r\n');
  const start = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/.exec(first);
  if (start === null) return 'does not speak HTTP/1';
  const headers = new Map<string, string>();
  for (const line of lines) {
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (field === null) return 'sends a header that is none';
    const name = (field[1] ?? '').toLowerCase();
    // Two of these would mean one thing here and another to a proxy on the way.
    if (['content-length', 'content-range', 'transfer-encoding'].includes(name) && headers.has(name))
      return `sends ${name} twice`;
    headers.set(name, field[2] ?? '');
  }
  const words = (headers.get('connection') ?? '').toLowerCase().split(/\s*,\s*/);
  const isKept = start[1] === '1' ? !words.includes('close') : words.includes('keep-alive');
  return { status: Number(start[2]), headers, isKept };
}

/** Bytes of the body; null where the head does not say. */
export function lengthOf({ headers }: ResponseHead): number | null {
  const length = headers.get('content-length');
  return length === undefined || headers.has('transfer-encoding') || !/^\d{1,15}$/.test(length) ? null : Number(length);
}

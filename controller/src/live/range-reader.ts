// A film on a media server, read from any place: what lies around a place is fetched in one piece and kept, so that a demuxer's search for a moment costs a few requests instead of dozens.
import { setTimeout as wait } from 'node:timers/promises';

/** Where a search lands it looks around: forwards, and a little backwards. */
const WINDOW_BYTES = 524_288;
const ALIGN_BYTES = 65_536;
/** The head, the index at the end, and the places that a search tried last. */
const MAX_WINDOWS = 8;
/**
 * The kernel takes a window off us before the demuxer has looked at it. One that goes away again after a few bytes has done so by then,
 * one that reads on still has a window in hand.
 */
const PATIENCE_MS = 20;
/** Who reads on for so long has found its moment. */
const FOUND_BYTES = 8 * 2 ** 20;

export type RangeAnswer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Buffer>;
};

/** `range` as in the header `Range`. @throws where no answer comes */
export type AskRange = (range: string, signal: AbortSignal | null) => Promise<RangeAnswer>;

export type FilmBytes = {
  /** Of the whole film. */
  readonly size: number;
  readonly headers: RangeAnswer['headers'];
  /** To the film's end. Throws where the server breaks off, or has another film there now. */
  readonly bytes: AsyncIterable<Buffer>;
};

export type RangeReader = {
  /** Fetches what every demuxer reads first, the head and the end, while ffmpeg still starts. What goes wrong is met again by who asks. */
  readAhead(headBytes?: number): Promise<void>;
  /** `answer`: the server gives no ranges, or refuses; its own words. @throws as AskRange */
  from(at: number, signal: AbortSignal): Promise<FilmBytes | { readonly answer: RangeAnswer }>;
};

type Whole = { readonly size: number; readonly headers: RangeAnswer['headers'] };

/** Keeps 4.5 MiB and a head at most, and nothing of a film that is being read on. */
export function createRangeReader(ask: AskRange): RangeReader {
  let whole: Whole | null = null;
  let windows: readonly Window[] = [];
  const windowAt = (at: number): Window | null => {
    const found = windows.find((one) => one.from <= at && at < one.end && one.isNear(at)) ?? null;
    if (found !== null) windows = [...windows.filter((one) => one !== found), found];
    return found;
  };
  /** By their first byte: asked for, and not answered yet. */
  const opening = new Map<number, { readonly length: number; readonly asked: Promise<Window | RangeAnswer> }>();
  /** What an answer says of the film; its size, or null where it is no answer to a question for `from`. */
  const learn = (answer: RangeAnswer, from: number): number | null => {
    const size = sizeOf(answer, from);
    if (size !== null) whole = sameFilm(whole, { size, headers: answer.headers });
    return size;
  };
  const askWindow = async (from: number, length: number): Promise<Window | RangeAnswer> => {
    const to = from + length - 1;
    // Not the reader's signal: the piece is short, and the next search may want it.
    const answer = await ask(`bytes=${from}-${to}`, null);
    const size = learn(answer, from);
    if (size === null) return answer;
    const opened = fillWindow(from, Math.min(to + 1, size), answer.body);
    windows = [...windows.slice(1 - MAX_WINDOWS), opened];
    return opened;
  };
  const openWindow = (at: number, length = WINDOW_BYTES): Promise<Window | RangeAnswer> => {
    const before = at % ALIGN_BYTES;
    const from = at - before;
    const asked = askWindow(from, length + before).finally(() => opening.delete(from));
    opening.set(from, { length, asked });
    return asked;
  };
  /** Null: nobody asked for what is there. */
  const openingWindow = async (at: number): Promise<Window | null> => {
    const found = [...opening].find(([from, { length }]) => from <= at && at < from + Math.min(length, ALIGN_BYTES));
    const window = found === undefined ? null : await found[1].asked.catch(() => null);
    return window === null || 'statusCode' in window ? null : window;
  };
  const rest = async (at: number, signal: AbortSignal): Promise<AsyncIterable<Buffer>> => {
    const answer = await ask(`bytes=${at}-`, signal);
    if (learn(answer, at) === null)
      throw new Error(`a media server that gave ranges answered ${answer.statusCode} to the next one`);
    return answer.body;
  };
  async function* bytes(first: Window, at: number, { size }: Whole, signal: AbortSignal): AsyncGenerator<Buffer> {
    let place = at;
    for (let window: Window | null = first; window !== null; window = windowAt(place)) {
      for (let piece = await window.read(place); piece !== null; piece = await window.read(place)) {
        place += piece.length;
        yield piece;
      }
    }
    if (place >= size) return;
    await wait(PATIENCE_MS, undefined, { signal });
    const from = place;
    for await (const piece of await rest(place, signal)) {
      place += piece.length;
      if (place - from > FOUND_BYTES) windows = [];
      yield piece;
    }
  }
  return {
    async readAhead(headBytes = WINDOW_BYTES) {
      const head = await openWindow(0, headBytes).catch(() => null);
      if (head !== null && 'statusCode' in head) return await leave(head.body);
      // A short film is all there already.
      if (whole === null || whole.size <= headBytes) return;
      const last = await openWindow(Math.max(0, whole.size - WINDOW_BYTES)).catch(() => null);
      if (last !== null && 'statusCode' in last) await leave(last.body);
    },
    async from(at, signal) {
      const window = windowAt(at) ?? (await openingWindow(at)) ?? (await openWindow(at));
      if ('statusCode' in window) return { answer: window };
      if (whole === null) throw new Error('a window without a film');
      return { ...whole, bytes: bytes(window, at, whole, signal) };
    },
  };
}

/** Closes what nobody will read. */
async function leave(body: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of body) return;
  } catch {
    // It broke off by itself.
  }
}

const CONTENT_RANGE = /^bytes (\d+)-\d+\/(\d+)$/u;

/** Of the whole film; null where this is no answer to a question for `from`. */
function sizeOf({ statusCode, headers }: RangeAnswer, from: number): number | null {
  const told = CONTENT_RANGE.exec(String(headers['content-range'] ?? ''));
  return statusCode === 206 && Number(told?.[1]) === from ? Number(told?.[2]) : null;
}

/** @throws Error where it changed meanwhile: bytes of two files make no film */
function sameFilm(known: Whole | null, told: Whole): Whole {
  if (known === null) return told;
  if (known.size !== told.size) throw new Error('the film changed at the media server while it was read');
  return known;
}

type Window = {
  readonly from: number;
  readonly end: number;
  /** It is there, or comes next: on a slow line, or behind a server that hangs, a question of its own is sooner answered. */
  isNear(at: number): boolean;
  /** What is there from this place on, waiting for it; null where it ends. @throws where the server broke off */
  read(at: number): Promise<Buffer | null>;
};

/** Goes on filling whoever reads: so the connection to the server is whole for the next question. */
function fillWindow(from: number, end: number, body: AsyncIterable<Buffer>): Window {
  const pieces: Buffer[] = [];
  let filled = from;
  let problem: unknown = null;
  let isOver = false;
  let grown = Promise.withResolvers<void>();
  const fill = async (): Promise<void> => {
    try {
      for await (const piece of body) {
        pieces.push(piece);
        filled += piece.length;
        if (filled > end) throw new Error('a media server gave more than it was asked for');
        grown.resolve();
        grown = Promise.withResolvers();
      }
      if (filled < end) throw new Error('a media server gave less than it said');
    } catch (error) {
      problem = error ?? new Error('a media server broke off');
    }
    isOver = true;
    grown.resolve();
  };
  void fill();
  const upFrom = (at: number): Buffer => {
    let start = from;
    for (const piece of pieces) {
      if (at < start + piece.length) return piece.subarray(at - start);
      start += piece.length;
    }
    return Buffer.alloc(0);
  };
  return {
    from,
    end,
    isNear: (at) => problem === null && at < filled + ALIGN_BYTES,
    async read(at) {
      while (at >= filled && !isOver) await grown.promise;
      if (at < filled) return upFrom(at);
      if (problem !== null) throw problem;
      return null;
    },
  };
}

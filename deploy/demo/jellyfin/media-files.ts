// The bytes of an item's file, by ranges, and what may go wrong with them: streams that hang, break off, start late, or are gone.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, Refusal, refusals } from './answer.ts';
import { fileSize } from './item-dto.ts';
import type { LibraryItem } from './library.ts';

export type StreamFault = {
  /** Default: every item. */
  readonly itemId?: string;
  /** `hang`: no byte after `afterBytes`, the connection stays. `cut`: it is reset there. `slow`: the answer starts `delayMs` late. `gone`: 404. */
  readonly kind: 'hang' | 'cut' | 'slow' | 'gone';
  /** Default 0. Of one answer, not of the file. */
  readonly afterBytes?: number;
  readonly delayMs?: number;
  /** How many requests it meets; default all, until `mendStreams()`. */
  readonly times?: number;
};

export type MediaFiles = {
  breakStreams(fault: StreamFault): void;
  mendStreams(): void;
  /** Streams that flow now. */
  readonly open: () => number;
  answer(item: LibraryItem, range: string | undefined, head: boolean): Promise<Answer>;
};

const types: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/x-m4v',
  mkv: 'video/x-matroska',
  ts: 'video/mp2t',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  mov: 'video/quicktime',
};

/** Zeroes, a chunk at a time. */
export function zeroes(bytes: number): Readable {
  const chunk = Buffer.alloc(64 * 1024);
  return Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
    })(),
  );
}

type Span = { readonly from: number; readonly to: number };

/** One range, also a suffix; what is no range, or several, is no wish at all. Null where it lies outside. */
function readRange(header: string | undefined, size: number): Span | 'whole' | null {
  const given = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!given || (given[1] === '' && given[2] === '')) return 'whole';
  if (given[1] === '') {
    const length = Math.min(size, Number(given[2]));
    return length > 0 ? { from: size - length, to: size - 1 } : null;
  }
  const from = Number(given[1]);
  const to = given[2] === '' ? size - 1 : Math.min(size - 1, Number(given[2]));
  if (given[2] !== '' && Number(given[2]) < from) return 'whole';
  return from < size ? { from, to } : null;
}

/** Lets `limit` bytes through, then nothing more: silence, or a reset. */
function stopAfter(limit: number, kind: 'hang' | 'cut'): Transform {
  let left = limit;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) this.push(part);
      if (left > 0) return done();
      // Hanging: `done` is never called, so the source is not read on and this never ends.
      if (kind === 'cut') setImmediate(() => this.destroy(new Error('cut')));
    },
  });
}

export function createMediaFiles(): MediaFiles {
  const faults: { readonly fault: StreamFault; left: number }[] = [];
  let open = 0;
  const take = (item: LibraryItem): StreamFault | null => {
    const met = faults.find(({ fault, left }) => left > 0 && (fault.itemId ?? item.id) === item.id);
    if (!met) return null;
    met.left -= 1;
    return met.fault;
  };
  const bytes = (item: LibraryItem, { from, to }: Span, fault: StreamFault | null): Readable => {
    const file = item.facts?.file;
    const source = file === undefined ? zeroes(to - from + 1) : createReadStream(file, { start: from, end: to });
    open += 1;
    source.once('close', () => {
      open -= 1;
    });
    if (fault?.kind !== 'hang' && fault?.kind !== 'cut') return source;
    const stop = stopAfter(fault.afterBytes ?? 0, fault.kind);
    stop.once('close', () => source.destroy());
    return source.pipe(stop);
  };
  return {
    breakStreams: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    mendStreams: () => void faults.splice(0),
    open: () => open,
    async answer(item, header, head) {
      const fault = head ? null : take(item);
      if (fault?.kind === 'slow') await wait(fault.delayMs ?? 0, undefined, { ref: false });
      if (fault?.kind === 'gone') throw refusals.notFound();
      const file = item.facts?.file;
      const size =
        file === undefined
          ? fileSize(item)
          : await stat(file).then(
              ({ size: found }) => found,
              () => null,
            );
      // A file that was taken away behind the server's back is still listed.
      if (size === null) throw refusals.processing(404);
      const range = readRange(header, size);
      if (range === null) throw new Refusal({ status: 416, headers: { 'Content-Range': `bytes */${size}` } });
      const span = range === 'whole' ? { from: 0, to: size - 1 } : range;
      const headers = {
        'Accept-Ranges': 'bytes',
        'Content-Length': String(span.to - span.from + 1),
        ...(range === 'whole' ? {} : { 'Content-Range': `bytes ${span.from}-${span.to}/${size}` }),
      };
      const type = types[item.source?.container ?? ''] ?? 'video/mp4';
      const answer = { status: range === 'whole' ? 200 : 206, type, headers };
      return head ? answer : { ...answer, body: bytes(item, span, fault) };
    },
  };
}

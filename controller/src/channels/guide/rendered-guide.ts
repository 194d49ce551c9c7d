// Pure: one channel's programmes as bytes made once, so that an answer is a cut out of them with a consumer's addresses put in.
import type { OpenXml } from './xmltv.ts';

export type RenderedGuide = {
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
  /** Where each programme begins in `bytes`, and one more for the end. */
  readonly offsets: Uint32Array;
  /** Where the root of our addresses goes, ascending. */
  readonly roots: Uint32Array;
  readonly bytes: Uint8Array;
};

/** Programmes `first` to before `last`. */
export type Cut = { readonly first: number; readonly last: number };

export type RenderedProgramme = { readonly startMs: number; readonly endMs: number; readonly xml: OpenXml };

/** @param programmes by start, without overlaps. */
export function renderGuide(programmes: readonly RenderedProgramme[]): RenderedGuide {
  const offsets = new Uint32Array(programmes.length + 1);
  const roots: number[] = [];
  // No UTF-16 unit takes more than three bytes; measuring each text first would read it twice.
  const bound = programmes.reduce((sum, { xml }) => sum + xml[0].length + (xml[1]?.length ?? 0), 0) * 3;
  const draft = Buffer.allocUnsafe(bound);
  let at = 0;
  for (const [index, { xml }] of programmes.entries()) {
    offsets[index] = at;
    at += draft.write(xml[0], at);
    if (xml[1] === undefined) continue;
    roots.push(at);
    at += draft.write(xml[1], at);
  }
  offsets[programmes.length] = at;
  return {
    startsMs: Float64Array.from(programmes, ({ startMs }) => startMs),
    endsMs: Float64Array.from(programmes, ({ endMs }) => endMs),
    offsets,
    roots: Uint32Array.from(roots),
    bytes: Uint8Array.prototype.slice.call(draft, 0, at),
  };
}

/** What touches the time from `fromMs` to before `toMs`, exactly: what ends at `fromMs` or starts at `toMs` does not. */
export function cutGuide({ startsMs, endsMs }: Pick<RenderedGuide, 'startsMs' | 'endsMs'>, fromMs: number, toMs: number): Cut {
  const first = lowest(endsMs.length, (index) => (endsMs[index] ?? 0) > fromMs);
  const last = lowest(startsMs.length, (index) => (startsMs[index] ?? 0) >= toMs);
  return { first, last: Math.max(first, last) };
}

/** The bytes of a cut with the root put in; a copy. */
export function withRoot({ offsets, roots, bytes }: RenderedGuide, { first, last }: Cut, root: Uint8Array): Uint8Array {
  const [from, to] = [offsets[first] ?? 0, offsets[last] ?? 0];
  const firstRoot = lowest(roots.length, (index) => (roots[index] ?? 0) >= from);
  const endRoot = lowest(roots.length, (index) => (roots[index] ?? 0) >= to);
  const result = new Uint8Array(to - from + (endRoot - firstRoot) * root.length);
  let [read, written] = [from, 0];
  for (let index = firstRoot; index < endRoot; index += 1) {
    const next = roots[index] ?? to;
    result.set(bytes.subarray(read, next), written);
    written += next - read;
    result.set(root, written);
    written += root.length;
    read = next;
  }
  result.set(bytes.subarray(read, to), written);
  return result;
}

/** The lowest index for which `holds`, which is false up to some index and true from there on. */
function lowest(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

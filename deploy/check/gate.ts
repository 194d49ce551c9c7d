// What a gate is: it reads files of a tree, says how many, and names each fault with its place.
import type { Tree } from './tree.ts';

export type Verdict = {
  /** Files that the gate really read, as its own tool tells it. A gate that read too few is a failed gate, whatever it found. */
  readonly read: number;
  readonly expected: number;
  /** `path:line: what is wrong`. */
  readonly faults: readonly string[];
};

export type Gate = {
  readonly name: string;
  look(tree: Tree): Promise<Verdict>;
};

/** A verdict's faults, with the guard's own one where files were missed or there was nothing to read. */
export function allFaults({ read, expected, faults }: Verdict): readonly string[] {
  if (expected === 0) return [...faults, 'found no file that it could look at'];
  return read < expected ? [...faults, `read ${read} files, but git knows ${expected} for it`] : faults;
}

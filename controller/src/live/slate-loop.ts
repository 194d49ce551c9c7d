// A slate without an end: its frames again and again, each round with time stamps after the one before.

import type { Unit } from './transport-stream/unit.ts';
import { createUnitReader } from './transport-stream/unit-reader.ts';

export type SlateLoop = {
  /** The frame that comes next; `isFirst` begins a round, which has to be joined to the last one. */
  peek(): { readonly unit: Unit; readonly isFirst: boolean };
  next(): void;
  /** From its first frame again. */
  rewind(): void;
};

/** Null where the bytes hold no picture that can be begun with. */
export function createSlateLoop(bytes: Uint8Array): SlateLoop | null {
  const reader = createUnitReader();
  const units = [...reader.push(bytes), ...reader.end()];
  const [first] = units;
  if (first === undefined || first.kind !== 'video' || !first.key) return null;
  let index = 0;
  return {
    peek: () => ({ unit: units[index] ?? first, isFirst: index === 0 }),
    next: () => {
      index = (index + 1) % units.length;
    },
    rewind: () => {
      index = 0;
    },
  };
}

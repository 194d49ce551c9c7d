// Hands out what is due of a queue row by row, and reads the next rows before the last ones are taken: whoever works on them never waits for the slowest.
import type { QueueRow } from './queue-store.ts';

export type DueRows = {
  /** Null: nothing more is due. A row that is handed out and not done yet is not handed out again. */
  next(): Promise<QueueRow | null>;
  done(row: QueueRow): void;
  /** How many were handed out. */
  taken(): number;
};

/** @param read the oldest that are due, no more than `most` */
export function readAhead(read: () => Promise<readonly QueueRow[]>, most: number): DueRows {
  const waiting: QueueRow[] = [];
  const inHand = new Set<string>();
  let [isMore, taken] = [true, 0];
  let reading: Promise<void> | null = null;
  const refill = async (): Promise<void> => {
    const rows = await read();
    const fresh = rows.filter((row) => !inHand.has(keyOf(row)));
    // Where all of it is in hand, whoever takes what comes after reads anew.
    isMore = rows.length === most && fresh.length > 0;
    for (const row of fresh) inHand.add(keyOf(row));
    waiting.push(...fresh);
  };
  const readOn = (): Promise<void> => {
    reading ??= refill().finally(() => {
      reading = null;
    });
    return reading;
  };
  return {
    async next() {
      while (waiting.length === 0 && isMore) await readOn();
      const row = waiting.shift();
      if (row === undefined) return null;
      taken += 1;
      // Who finds nothing left meets its error.
      if (isMore && waiting.length < most / 4) readOn().catch(() => {});
      return row;
    },
    done: (row) => void inHand.delete(keyOf(row)),
    taken: () => taken,
  };
}

const keyOf = ({ person, identity }: QueueRow): string => `${person} ${identity}`;

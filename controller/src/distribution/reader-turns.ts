// Who is next among readers that wait: whoever has had least, however many connections it has.

export type Turn = { readonly bytes: number; readonly go: () => void };

export type ReaderTurns = {
  /** Answers with a function that gives the place up. */
  wait(reader: string, turn: Turn): () => void;
  /** Takes out the turn that is next; null where nobody waits. */
  next(): Turn | null;
  isWaited(): boolean;
};

type Reader = { hadBytes: number; seenAt: number; readonly waiting: Set<Turn> };

/** How long a reader that asks for nothing is remembered; then it is as one who is new. */
const KEPT_MS = 1_000;

/** @param now steady ms */
export function createReaderTurns(now: () => number): ReaderTurns {
  const readers = new Map<string, Reader>();
  const waiting = (): readonly Reader[] => [...readers.values()].filter((reader) => reader.waiting.size > 0);
  /** A new one has had as much as whoever has had least. */
  const readerOf = (name: string): Reader => {
    for (const [each, { waiting: turns, seenAt }] of readers)
      if (turns.size === 0 && now() - seenAt >= KEPT_MS) readers.delete(each);
    const least = [...readers.values()].map(({ hadBytes }) => hadBytes);
    const reader = readers.get(name) ?? {
      hadBytes: least.length === 0 ? 0 : Math.min(...least),
      seenAt: now(),
      waiting: new Set<Turn>(),
    };
    readers.set(name, reader);
    return reader;
  };
  return {
    wait(name, turn) {
      const reader = readerOf(name);
      reader.waiting.add(turn);
      return () => void reader.waiting.delete(turn);
    },
    next() {
      const [first, ...others] = waiting();
      if (first === undefined) return null;
      const reader = others.reduce((least, one) => (one.hadBytes < least.hadBytes ? one : least), first);
      const [turn] = reader.waiting;
      if (turn === undefined) return null;
      reader.waiting.delete(turn);
      reader.hadBytes += turn.bytes;
      reader.seenAt = now();
      return turn;
    },
    isWaited: () => waiting().length > 0,
  };
}

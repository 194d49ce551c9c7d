// Pure: the block that turns are gathered in until it is full: two minutes, half a megabyte of changes, or the end of a UTC day.
import type { DecisionInput, DecisionMemory } from '../../decision.ts';
import { createTurnLines, type RecordedTurn } from './recorded-turn.ts';

export type BlockContent = {
  readonly text: string;
  readonly turns: number;
  /** UTC ms, the least and the greatest. */
  readonly fromUtc: number;
  readonly toUtc: number;
};

export type OpenBlock = {
  /** Whether a turn still belongs to it. */
  takes(input: Pick<DecisionInput, 'now' | 'utcNow'>): boolean;
  /** @throws TypeError where something in it is no plain value. */
  add(turn: RecordedTurn): void;
  turns(): number;
  content(): BlockContent;
};

/** What a SIGKILL loses at most. */
const LASTS_MS = 120_000;
const MOST_CHANGES = 512 * 1_024;
const DAY_MS = 86_400_000;

export const utcDay = (utcMs: number): number => Math.floor(utcMs / DAY_MS);

/** @param follows steady ms of the recorded turn before it, null where there is none. */
export function createOpenBlock(first: RecordedTurn, memory: DecisionMemory, follows: number | null): OpenBlock {
  const lines = createTurnLines();
  const texts = [lines.whole(first, memory, follows)];
  const { now: begun, utcNow } = first.input;
  let [changes, fromUtc, toUtc] = [0, utcNow, utcNow];
  return {
    takes: (input) => input.now - begun < LASTS_MS && changes < MOST_CHANGES && utcDay(input.utcNow) === utcDay(fromUtc),
    add(turn) {
      const text = lines.next(turn);
      texts.push(text);
      changes += text.length;
      fromUtc = Math.min(fromUtc, turn.input.utcNow);
      toUtc = Math.max(toUtc, turn.input.utcNow);
    },
    turns: () => texts.length,
    content: () => ({ text: texts.join('\n'), turns: texts.length, fromUtc, toUtc }),
  };
}

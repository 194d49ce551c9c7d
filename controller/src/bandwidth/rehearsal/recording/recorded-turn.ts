// Pure: what is recorded of one turn, and the lines that say it: a whole one, then what changed since the line before.
import type { Decision, DecisionInput, DecisionMemory } from '../../decision.ts';
import type { BandwidthSettings } from '../../settings.ts';
import { changesBetween, withChanges } from './changes.ts';
import { fromJson, isList, type Json, toJson } from './plain-json.ts';

/**
 * Raise it when DecisionInput or DecisionMemory change their shape, or what lies around them in a file does: what an older Headgate
 * recorded is then refused in one sentence instead of being read as something else.
 */
export const RECORDING_VERSION = 1;

/** All that one decision was made of. */
export type RecordedTurn = {
  /** The allocator is code; `settings.algorithm` names it. */
  readonly input: Omit<DecisionInput, 'allocator'>;
  /** What the configuration said at this moment, without what was changed by hand. */
  readonly configured: BandwidthSettings;
  /** The operator changed something just before: holds were let go. */
  readonly operatorChanged: boolean;
  /** Turns just before this one that came too fast to be recorded. */
  readonly leftOut: number;
  /** What was decided, as `outcomeOf` says it. */
  readonly outcome: string;
};

export type ReadTurn = {
  readonly turn: RecordedTurn;
  /** What was remembered before this turn, where the line is a whole one. */
  readonly memory: DecisionMemory | null;
  /** Steady ms of the recorded turn just before it; null where there is none. Who did not read that one has a gap before him. */
  readonly follows: number | null;
};

/** What a decision does to anybody: two that agree in it are the same to all neighbours. */
export const outcomeOf = ({ mode, viewers, torrents, downloads, pausedClients }: Decision): string =>
  JSON.stringify([
    mode,
    viewers.map(({ capBps }) => capBps),
    torrents.map(({ capBps }) => capBps),
    downloads.map(({ capBps }) => capBps),
    pausedClients,
  ]);

export type TurnLines = {
  /** @throws TypeError where something in it is no plain value. */
  whole(turn: RecordedTurn, memory: DecisionMemory, follows: number | null): string;
  /** What changed since the line before; asked only after a whole one. */
  next(turn: RecordedTurn): string;
};

/** Goes by what a reader will have made of the lines so far, so that both never part. */
export function createTurnLines(): TurnLines {
  let last: unknown = null;
  return {
    whole(turn, memory, follows) {
      const line: Json = ['w', follows, toJson(memory), toJson(turn)];
      const text = JSON.stringify(line);
      last = wholeOf(JSON.parse(text) as Json).turn;
      return text;
    },
    next(turn) {
      const change = changesBetween(last, turn);
      if (change === undefined) return '["c"]';
      const text = JSON.stringify(['c', change]);
      last = withChanges(last, (JSON.parse(text) as readonly Json[])[1]);
      return text;
    },
  };
}

/** @throws SyntaxError or TypeError where the lines are not what `createTurnLines` makes. */
export function* readTurnLines(text: string): Generator<ReadTurn> {
  let last: RecordedTurn | null = null;
  let before: number | null = null;
  for (const line of text.split('\n')) {
    const json = JSON.parse(line) as Json;
    if (!isList(json)) throw new TypeError('a line is no list');
    if (json[0] === 'w') {
      const whole = wholeOf(json);
      last = whole.turn;
      yield whole;
    } else if (json[0] === 'c' && last !== null) {
      last = withChanges(last, json[1]) as RecordedTurn;
      yield { turn: last, memory: null, follows: before };
    } else throw new TypeError('a change of nothing');
    before = last.input.now;
  }
}

function wholeOf(json: Json): ReadTurn {
  const [, follows, memory = null, turn = null] = isList(json) ? json : [];
  return {
    turn: fromJson(turn) as RecordedTurn,
    memory: fromJson(memory) as DecisionMemory,
    follows: typeof follows === 'number' ? follows : null,
  };
}

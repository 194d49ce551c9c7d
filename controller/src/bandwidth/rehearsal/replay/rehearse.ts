// A rehearsal: recorded turns decided twice, as they were and under another policy, and what that comes to.
import type { Allocators } from '../../allocators/allocator.ts';
import type { Decision } from '../../decision.ts';
import type { Span } from '../recording/read-recordings.ts';
import { readRecordings } from '../recording/read-recordings.ts';
import { outcomeOf, type ReadTurn, type RecordedTurn } from '../recording/recorded-turn.ts';
import { createDifferenceTally } from './difference-tally.ts';
import { createHandChanges, type Policy, recordedPolicy } from './policy.ts';
import { createReplay } from './replay.ts';
import type { Gap, RehearsalReport } from './report.ts';
import { createSideTally } from './side-tally.ts';
import { createSimulatedLimits } from './simulated-limits.ts';

export type RehearsalOrder = {
  readonly folder: string;
  readonly span: Span;
  readonly policy: Policy;
  readonly allocators: Allocators;
};

/** A turn is due each second: what is longer was no ruling. */
const LONGEST_TURN_MS = 5_000;
const MOST_GAPS = 20;
const MOST_PROBLEMS = 20;
/** Switched by a run's flag, and of no weight for what is decided. */
const NO_CHANGE = new Set(['dryRun', 'rule']);

/** @throws what the file system says of the folder. */
export async function rehearse({ folder, span, policy, allocators }: RehearsalOrder): Promise<RehearsalReport> {
  const run = createRun(policy, allocators, span);
  for await (const part of readRecordings(folder, span)) {
    if (part.kind === 'problem') run.problem(part.sentence);
    else for (const read of part.turns) run.turn(read, part.eachMs);
  }
  return run.report();
}

/** A turn that waits for the next one to say how long it stood. */
type Standing = { readonly turn: RecordedTurn; readonly was: Decision; readonly would: Decision; readonly eachMs: number };

function createRun(policy: Policy, allocators: Allocators, span: Span) {
  const sides = { was: createSide(recordedPolicy, allocators), would: createSide(policy, allocators) };
  const differences = createDifferenceTally();
  const changedBy = createHandChanges();
  const changed = new Set<string>();
  const problems: string[] = [];
  const gaps = { count: 0, ms: 0, first: [] as Gap[] };
  const seen = { turns: 0, leftOut: 0, decidedOtherwise: 0, replayedMs: 0, thinnedMs: 0, from: 0, to: 0 };
  let standing: Standing | null = null;
  const isIn = ({ input: { utcNow } }: RecordedTurn): boolean => utcNow >= span.from && utcNow < span.to;
  const gap = (from: number, to: number): void => {
    gaps.count += 1;
    gaps.ms += Math.max(0, to - from);
    if (gaps.first.length < MOST_GAPS) gaps.first.push({ from, to });
  };
  /** `ms`: from the standing turn to the next. */
  const settle = (ms: number): void => {
    if (standing === null || !isIn(standing.turn)) return;
    const { turn, was, would, eachMs } = standing;
    const longest = Math.max(LONGEST_TURN_MS, 1.5 * eachMs);
    const stood = Math.min(ms, longest);
    if (ms > longest) gap(turn.input.utcNow + longest, turn.input.utcNow + ms);
    sides.was.tally.add(was, stood);
    sides.would.tally.add(would, stood);
    differences.add(turn.input.utcNow, was, would, stood);
    seen.replayedMs += stood;
    if (eachMs > 0) seen.thinnedMs += stood;
  };
  const count = ({ turn }: ReadTurn, eachMs: number, was: Decision): void => {
    if (seen.turns === 0) seen.from = turn.input.utcNow;
    seen.turns += 1;
    seen.leftOut += turn.leftOut;
    seen.to = turn.input.utcNow;
    if (eachMs === 0 && outcomeOf(was) !== turn.outcome) seen.decidedOtherwise += 1;
    for (const key of Object.keys(changedBy(turn))) if (!NO_CHANGE.has(key)) changed.add(key);
  };
  return {
    problem(sentence: string): void {
      if (problems.length < MOST_PROBLEMS) problems.push(sentence);
    },
    turn(read: ReadTurn, eachMs: number): void {
      const { turn, memory, follows } = read;
      const goesOn = standing !== null && follows === standing.turn.input.now;
      settle(goesOn && standing !== null ? turn.input.now - standing.turn.input.now : 0);
      if (!goesOn && memory !== null) {
        if (standing !== null && isIn(standing.turn)) gap(standing.turn.input.utcNow, turn.input.utcNow);
        for (const side of [sides.was, sides.would]) side.begin(memory);
      }
      if (turn.input.utcNow >= span.to) {
        standing = null;
        return;
      }
      const [was, would] = [sides.was.step(turn, isIn(turn)), sides.would.step(turn, isIn(turn))];
      if (isIn(turn)) count(read, eachMs, was);
      standing = { turn, was, would, eachMs };
    },
    report(): RehearsalReport {
      settle(0);
      const { from, to, ...rest } = seen;
      return {
        ...rest,
        span: seen.turns === 0 ? null : { from, to },
        gaps,
        was: sides.was.figures(),
        would: sides.would.figures(),
        differences: differences.figures(),
        changedByHand: [...changed].sort(),
        problems,
      };
    },
  };
}

/** One policy with all that is counted of it. */
function createSide(policy: Policy, allocators: Allocators) {
  const replay = createReplay(policy, allocators);
  const limits = createSimulatedLimits();
  const tally = createSideTally();
  let operatorAt: number | null = null;
  return {
    tally,
    begin(memory: Parameters<typeof replay.begin>[0]): void {
      replay.begin(memory);
      limits.begin();
      operatorAt = null;
    },
    /** `counts` false: it is there for the memory of those behind it alone. */
    step(turn: RecordedTurn, counts: boolean): Decision {
      const { decision, settings } = replay.step(turn);
      if (turn.operatorChanged) operatorAt = turn.input.now;
      limits.step(decision, { now: turn.input.now, settings, operatorAt, counts });
      return decision;
    },
    figures: () => ({ ...tally.figures(), writes: { ...limits.counts } }),
  };
}

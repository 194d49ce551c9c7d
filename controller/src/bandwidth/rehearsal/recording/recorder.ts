// Records each turn: lines are gathered in memory for two minutes at most, then compressed and appended off the event loop. What fails stops the recording, never the ruling.
import type { Clock } from '../../../clock.ts';
import { messageOf } from '../../../errors.ts';
import type { Log } from '../../../log.ts';
import type { TakenTurn } from '../../onlooker.ts';
import type { BandwidthSettings } from '../../settings.ts';
import type { RecordingState } from '../rehearsal-state.ts';
import { createOpenBlock, type OpenBlock } from './open-block.ts';
import { outcomeOf, type RecordedTurn } from './recorded-turn.ts';
import type { RecordingShelf } from './shelf.ts';
import { createTurnBudget } from './turn-budget.ts';

export type RecorderDeps = {
  readonly shelf: RecordingShelf;
  /** What the configuration says for a moment, UTC ms. */
  readonly configured: (utcMs: number) => BandwidthSettings;
  readonly clock: Clock;
  readonly log: Log;
};

export type Recorder = {
  turn(taken: TakenTurn): void;
  /** Records until the signal fires, then writes what is left, in 2 s at most. */
  run(signal: AbortSignal): Promise<void>;
  state(): RecordingState;
};

/** A disk gets room again; until then a line each ten minutes would tell nothing new. */
const RETRY_MS = 10 * 60_000;
const UPKEEP_EACH_MS = 10 * 60_000;
/** A disk that hangs must not make memory grow: what is more is left out. */
const MOST_WAITING = 4;
const LAST_WRITE_MS = 2_000;

type State = {
  running: boolean;
  problem: string | null;
  retryAt: number;
  block: OpenBlock | null;
  /** Steady ms of the last turn that is recorded. */
  last: number | null;
  turns: number;
  leftOut: number;
  /** Of `leftOut`, those that the next turn tells of. */
  untold: number;
  waiting: number;
  writing: Promise<void>;
};

export function createRecorder(deps: RecorderDeps): Recorder {
  const { shelf, clock } = deps;
  const state: State = {
    ...{ running: false, problem: null, retryAt: 0, block: null, last: null },
    ...{ turns: 0, leftOut: 0, untold: 0, waiting: 0, writing: Promise.resolve() },
  };
  const budget = createTurnBudget();
  return {
    turn(taken) {
      const { now } = taken.input;
      if (!state.running || isResting(state, now)) return;
      if (state.block !== null && !state.block.takes(taken.input)) handOver(state, deps);
      if (!budget.takes(now)) {
        leaveOut(state, 1);
        return;
      }
      try {
        note(state, deps.configured, taken);
      } catch (error) {
        stopFor(state, deps, error);
      }
    },
    async run(signal) {
      state.running = true;
      const upkeep = keepUp(deps, signal);
      await ended(signal);
      state.running = false;
      handOver(state, deps);
      await Promise.race([
        Promise.all([state.writing, upkeep])
          .then(shelf.close)
          .catch(() => {}),
        clock.sleep(LAST_WRITE_MS, AbortSignal.any([])).catch(() => {}),
      ]);
    },
    state: () => ({ problem: state.problem, turns: state.turns, leftOut: state.leftOut, ...shelf.stock() }),
  };
}

function note(state: State, configured: RecorderDeps['configured'], { input, before, decision, operatorChanged }: TakenTurn) {
  const { allocator: _, ...plain } = input;
  const turn: RecordedTurn = {
    input: plain,
    configured: configured(input.utcNow),
    operatorChanged,
    leftOut: state.untold,
    outcome: outcomeOf(decision),
  };
  if (state.block === null) state.block = createOpenBlock(turn, before, state.last);
  else state.block.add(turn);
  state.last = input.now;
  state.turns += 1;
  state.untold = 0;
}

function leaveOut(state: State, turns: number): void {
  state.leftOut += turns;
  state.untold += turns;
}

function lose(state: State, block: OpenBlock): void {
  state.turns -= block.turns();
  leaveOut(state, block.turns());
}

/** Ends the block and has it written behind those before it. */
function handOver(state: State, deps: RecorderDeps): void {
  const { block } = state;
  state.block = null;
  if (block === null) return;
  if (state.waiting >= MOST_WAITING) {
    lose(state, block);
    return;
  }
  state.waiting += 1;
  state.writing = state.writing
    .then(() => writeBlock(state, deps, block))
    .catch((error: unknown) => {
      lose(state, block);
      stopFor(state, deps, error);
    })
    .finally(() => {
      state.waiting -= 1;
    });
}

/** A block that waited behind one that failed waits no longer: what is missing is missing. */
async function writeBlock(state: State, { shelf, clock, log }: RecorderDeps, block: OpenBlock): Promise<void> {
  if (isResting(state, clock.monotonic())) {
    lose(state, block);
    return;
  }
  await shelf.write(block.content());
  wellAgain(state, log);
}

const isResting = ({ problem, retryAt }: State, now: number): boolean => problem !== null && now < retryAt;

function stopFor(state: State, { clock, log }: RecorderDeps, error: unknown): void {
  const text = messageOf(error);
  if (state.problem === null) log.error({ error: text }, 'nothing is recorded for rehearsals; it is tried again each 10 min');
  state.problem = `Nothing is recorded for rehearsals: ${text}`;
  state.retryAt = clock.monotonic() + RETRY_MS;
  if (state.block !== null) lose(state, state.block);
  state.block = null;
}

function wellAgain(state: State, log: Log): void {
  if (state.problem !== null) log.info({}, 'decisions are recorded for rehearsals again');
  state.problem = null;
}

async function keepUp({ shelf, clock, log }: RecorderDeps, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    try {
      await shelf.tidy(signal);
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) log.warn({ error: messageOf(error) }, 'old recordings could not be thinned out or deleted');
      failing = true;
    }
    await clock.sleep(UPKEEP_EACH_MS, signal).catch(() => {});
  }
}

const ended = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

// Who looks on at the decisions without a part in them: the recording, and the shadow of another policy.
import type { Decision, DecisionInput, DecisionMemory } from './decision.ts';
import type { RehearsalState } from './rehearsal/rehearsal-state.ts';

/** One turn as it was taken. */
export type TakenTurn = {
  readonly input: DecisionInput;
  /** What was remembered before it. */
  readonly before: DecisionMemory;
  readonly decision: Decision;
  /** The operator changed something just before: holds were let go. */
  readonly operatorChanged: boolean;
};

export type Onlooker = {
  /** Called after a turn was carried out. Never throws. */
  turn(taken: TakenTurn): void;
  /** Looks on until the signal fires, and ends within 2 s. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  state(): RehearsalState;
};

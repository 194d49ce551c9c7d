// The decisions one after another: their input, what is remembered between two, and who hears of a change.
import { createListeners } from '../listeners.ts';
import { allocatorOf } from './allocators/choose-allocator.ts';
import type { BandwidthDeps } from './bandwidth.ts';
import { decideCaps, NOTHING_DECIDED } from './decide-caps.ts';
import type { Decision, DecisionInput } from './decision.ts';
import { decisionAnswers } from './decision-answers.ts';
import { type Decided, numbersOf } from './explain/decision-numbers.ts';
import { packNumbers } from './explain/pack-numbers.ts';
import type { TakenTurn } from './onlooker.ts';
import { recordDecision } from './record-decision.ts';
import type { World } from './world.ts';
import { gatherInput } from './world-view.ts';

export function gatherTurn(world: World, { stores, rules, clock }: BandwidthDeps): DecisionInput {
  const settings = stores.settings.settings();
  return gatherInput(world, {
    now: clock.monotonic(),
    utcNow: clock.now(),
    settings,
    boosts: stores.settings.boosts(),
    allocator: allocatorOf(rules.allocators, settings.algorithm),
  });
}

type CarryOut = (decision: Decision, operatorAt: number | null, signal: AbortSignal) => void;

export function createDecisionTurns(deps: BandwidthDeps, carryOut: CarryOut) {
  const { stores, rules, clock, log, tell, newId } = deps;
  const decisions = createListeners();
  let memory = NOTHING_DECIDED;
  let last: Decision | null = null;
  let decided: Decided | null = null;
  let operatorAt: number | null = null;
  let operatorIsDue = false;
  return {
    decision: () => last,
    answers: (world: World) => decisionAnswers(deps, world, () => decided),
    onDecision: decisions.on,
    operatorDid(): void {
      operatorAt = clock.monotonic();
      operatorIsDue = true;
      // Holds are for the ups and downs of streams; what the operator says counts at once.
      memory = { ...memory, holds: new Map() };
    },
    take(input: DecisionInput, signal: AbortSignal): Decision {
      const { decision, memory: next } = decideCaps(input, memory);
      const before = last;
      const taken: TakenTurn = { input, before: memory, decision, operatorChanged: operatorIsDue };
      memory = next;
      last = decision;
      const whole = { input, decision, memory: next, isFirst: before === null };
      decided = whole;
      const isNew = recordDecision({
        before,
        decision,
        input,
        utcNow: clock.now(),
        id: newId,
        store: stores.decisions,
        numbers: () => packNumbers(numbersOf(whole)),
        log,
        tell,
      });
      carryOut(decision, operatorAt, signal);
      rules.onlooker?.turn(taken);
      // A switch that changed no cap is shown at once all the same.
      if (isNew || operatorIsDue) decisions.tell();
      operatorIsDue = false;
      return decision;
    },
  };
}

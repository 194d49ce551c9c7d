// Another policy beside the one that rules: it decides each turn from the same input with its own memory, and nothing is carried out.
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Allocators } from '../allocators/allocator.ts';
import { decideCaps, NOTHING_DECIDED } from '../decide-caps.ts';
import type { Decision, DecisionMemory } from '../decision.ts';
import type { TakenTurn } from '../onlooker.ts';
import { type Overrides, underSettings, withOverrides } from './other-settings.ts';
import type { ShadowState } from './rehearsal-state.ts';
import { inWords, isSame } from './replay/differences.ts';

export type ShadowDeps = { readonly overrides: Overrides; readonly allocators: Allocators; readonly log: Log };

export type Shadow = { turn(taken: TakenTurn): void; state(): ShadowState | null };

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** It is given nothing that reaches a neighbour. What it throws is told, and ends with the next turn that it can decide. */
export function createShadow({ overrides, allocators, log }: ShadowDeps): Shadow {
  let memory: DecisionMemory = NOTHING_DECIDED;
  let state: Writable<ShadowState> | null = null;
  let at: number | null = null;
  const note = (decision: Decision, { input, decision: live }: TakenTurn, now: Writable<ShadowState>): void => {
    const differs = !isSame(live, decision);
    if (now.differs && at !== null) now.differingMs += input.now - at;
    if (differs && !now.differs) now.differences += 1;
    if (differs) {
      const since = now.differs ? (now.last?.at ?? input.utcNow) : input.utcNow;
      now.last = { at: since, what: inWords(live, decision), reason: decision.reason, liveReason: live.reason };
    }
    at = input.now;
    Object.assign(now, { turns: now.turns + 1, differs, decision, problem: null });
  };
  return {
    turn(taken) {
      const { input, operatorChanged } = taken;
      state ??= fresh(input.utcNow);
      try {
        const settings = withOverrides(input.settings, overrides);
        const before = operatorChanged ? { ...memory, holds: new Map() } : memory;
        const { decision, memory: next } = decideCaps(underSettings(input, settings, allocators), before);
        memory = next;
        note(decision, taken, state);
      } catch (error) {
        if (state.problem === null)
          log.warn({ error: messageOf(error) }, 'the shadow policy cannot decide; what rules is not touched');
        state.problem = messageOf(error);
      }
    },
    state: () => (state === null ? null : { ...state }),
  };
}

const fresh = (since: number): ShadowState => ({
  ...{ since, turns: 0, differs: false, differences: 0, differingMs: 0 },
  ...{ last: null, decision: null, problem: null },
});

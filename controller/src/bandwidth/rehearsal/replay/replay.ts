// Pure: recorded turns decided anew under a policy, with its own memory.
import type { Allocators } from '../../allocators/allocator.ts';
import { decideCaps, NOTHING_DECIDED } from '../../decide-caps.ts';
import type { Decision, DecisionMemory } from '../../decision.ts';
import type { BandwidthSettings } from '../../settings.ts';
import { underSettings } from '../other-settings.ts';
import type { RecordedTurn } from '../recording/recorded-turn.ts';
import type { Policy } from './policy.ts';

export type Replay = {
  /** From here on as it was remembered then: at the beginning, and behind each gap. */
  begin(memory: DecisionMemory): void;
  step(turn: RecordedTurn): { readonly decision: Decision; readonly settings: BandwidthSettings };
};

export function createReplay(policy: Policy, allocators: Allocators): Replay {
  let memory = NOTHING_DECIDED;
  return {
    begin(remembered) {
      memory = remembered;
    },
    step(turn) {
      const settings = policy(turn);
      // As decision-turns.ts does it.
      const before = turn.operatorChanged ? { ...memory, holds: new Map() } : memory;
      const { decision, memory: next } = decideCaps(underSettings(turn.input, settings, allocators), before);
      memory = next;
      return { decision, settings };
    },
  };
}

// What the shaper feature needs to know of the WAN that is ruled, and of what is planned for it; wiring/ hands both in.
import type { ShaperState, SqmState } from '@headgate/protocol';
import type { Rates } from './steady-rates.ts';

export type RuledLine = {
  readonly router: string;
  readonly wan: string;
  /** Its agent says so. */
  readonly isOnline: boolean;
  /** Of the agent's start: a new one may obey what the old one refused. */
  readonly bootId: string | null;
  /** Since the last sample; null before the first. */
  readonly silentMs: number | null;
  readonly rateOwner: SqmState['rate_owner'];
  /** What the router said last of its shaper; each message is a value of its own. */
  readonly state: ShaperState | null;
};

export type ShaperPlan = Rates & {
  /** Of the schedule, that holds now. */
  readonly rule: string | null;
};

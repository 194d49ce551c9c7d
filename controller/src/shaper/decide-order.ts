// Pure: what to say to the router's shaper now. Orders are leases: whole wanted rates, said again in time, taken back when they no longer hold.
import type { ShaperState } from '@headgate/protocol';
import type { RuledLine, ShaperPlan } from './line.ts';
import { nextRates, type Rates, type SteadyRates } from './steady-rates.ts';

export type OrderInput = {
  /** Steady ms. */
  readonly now: number;
  readonly plan: ShaperPlan;
  /** The WAN that is ruled; null where none is known, or where another one carries the traffic. */
  readonly line: RuledLine | null;
  /** Why nothing may be ordered, in a sentence: switched off, or a dry run. */
  readonly forbidden: string | null;
  readonly leaseMs: number;
  /** For an order with other rates than the one before. */
  readonly newId: string;
};

type SentOrder = Rates & {
  readonly id: string;
  readonly router: string;
  readonly wan: string;
  readonly at: number;
  readonly bootId: string | null;
  /** What the router had said before: anything newer is its answer. */
  readonly heardBefore: ShaperState | null;
};

export type OrderMemory = { readonly rates: SteadyRates | null; readonly sent: SentOrder | null };
export const NOTHING_ORDERED: OrderMemory = { rates: null, sent: null };

/** `given_way`: another tool sets the rate there. `silent`: the router or its agent is not heard, and the lease runs out by itself. */
export type ShaperStanding = 'off' | 'no_router' | 'silent' | 'given_way' | 'no_plan' | 'refused' | 'ordered' | 'standing';

export type OrderDecision = {
  readonly standing: ShaperStanding;
  readonly reason: string;
  /** In this order. Both rates null takes an order back. */
  readonly orders: readonly (Pick<SentOrder, 'id' | 'router' | 'wan'> & Rates)[];
};

/** From here on a router is not believed to be there. */
const SILENT_MS = 15_000;
/** A refusal is not argued with: it is asked again when something changed, else after this. */
const ASK_AGAIN_MS = 5 * 60_000;
/** An answer comes within this, else the order was lost. */
const ANSWER_MS = 5_000;

export function decideOrder(
  input: OrderInput,
  before: OrderMemory,
): { readonly decision: OrderDecision; readonly memory: OrderMemory } {
  const { now, plan, line } = input;
  const hindrance = hindranceOf(input);
  if (hindrance !== null || line === null) {
    const { standing, reason } = hindrance ?? NO_ROUTER;
    // Whoever cannot hear it lets go by himself, and beside another writer even that is not said.
    const mayHear = standing !== 'silent' && standing !== 'given_way';
    return { decision: { standing, reason, orders: mayHear ? takenBack(before.sent) : [] }, memory: NOTHING_ORDERED };
  }
  const moved = before.sent !== null && (before.sent.router !== line.router || before.sent.wan !== line.wan);
  const known = moved ? NOTHING_ORDERED : before;
  const rates = nextRates(known.rates, plan, now);
  const wanted = { upBps: rates.up.bps, downBps: rates.down.bps };
  if (wanted.upBps === null && wanted.downBps === null)
    return { decision: { ...noPlan(line), orders: takenBack(before.sent) }, memory: { rates, sent: null } };
  const { router, wan, bootId, state } = line;
  const isSame = known.sent?.upBps === wanted.upBps && known.sent.downBps === wanted.downBps;
  const standing = isSame ? known.sent : null;
  const order = standing ?? { id: input.newId, router, wan, ...wanted, heardBefore: state };
  const answer = standing === null ? 'none' : answerTo(standing, line);
  const isDue = standing === null || now - standing.at >= againAfter(answer, standing, line, input.leaseMs);
  const sent = isDue ? { ...order, at: now, bootId } : standing;
  const orders = [...(moved ? takenBack(before.sent) : []), ...(isDue ? [order] : [])];
  return { decision: { ...standingOf(answer, line, plan), orders }, memory: { rates, sent } };
}

const NO_ROUTER = {
  standing: 'no_router',
  reason: 'No router is known whose WAN carries the traffic and is the one that uplink.router and uplink.wan name.',
} as const;

function hindranceOf({ forbidden, line }: OrderInput): Pick<OrderDecision, 'standing' | 'reason'> | null {
  if (forbidden !== null) return { standing: 'off', reason: forbidden };
  if (line === null) return NO_ROUTER;
  const { router, isOnline, silentMs, rateOwner } = line;
  if (rateOwner === 'cake-autorate' || rateOwner === 'sqm-autorate')
    return {
      standing: 'given_way',
      reason: `${rateOwner} sets the rate on ${router}, and there is one writer only: its rate is the capacity.`,
    };
  if (!isOnline || silentMs === null || silentMs > SILENT_MS)
    return { standing: 'silent', reason: `Router ${router} is not heard: what was ordered ends by itself.` };
  return null;
}

const noPlan = ({ router, wan }: RuledLine): Pick<OrderDecision, 'standing' | 'reason'> => ({
  standing: 'no_plan',
  reason: `No rate is planned for ${router}/${wan} at this hour: the shaper is as its owner set it.`,
});

type Answer = 'none' | 'stands' | 'refused' | 'lost';

function answerTo(sent: SentOrder, { state }: RuledLine): Answer {
  if (state === null || state === sent.heardBefore) return 'none';
  if (state.order_id === sent.id && state.wan === sent.wan) return 'stands';
  return state.refused === null ? 'lost' : 'refused';
}

function againAfter(answer: Answer, sent: SentOrder, { bootId }: RuledLine, leaseMs: number): number {
  if (answer === 'refused') return bootId === sent.bootId ? ASK_AGAIN_MS : ANSWER_MS;
  return answer === 'stands' ? leaseMs / 3 : Math.min(ANSWER_MS, leaseMs / 3);
}

function standingOf(
  answer: Answer,
  { router, wan, state }: RuledLine,
  { rule }: ShaperPlan,
): Pick<OrderDecision, 'standing' | 'reason'> {
  const by = rule === null ? 'the base rate' : `rule "${rule}"`;
  if (answer === 'refused')
    return { standing: 'refused', reason: `Router ${router} refuses: ${state?.refused ?? 'it says no reason'}.` };
  if (answer === 'stands') return { standing: 'standing', reason: `The shaper of ${router}/${wan} follows ${by}.` };
  return { standing: 'ordered', reason: `The shaper of ${router}/${wan} is asked to follow ${by}.` };
}

/** Says that an order no longer holds. Empty where none was given. */
export const takenBack = (sent: SentOrder | null): OrderDecision['orders'] =>
  sent === null ? [] : [{ id: `${sent.id}-end`, router: sent.router, wan: sent.wan, upBps: null, downBps: null }];

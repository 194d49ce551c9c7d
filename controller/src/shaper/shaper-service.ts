// The loop: what is planned for the line, what its router says, and the orders between; at the end what was ordered is taken back.
import type { ShaperOrder } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { decideOrder, NOTHING_ORDERED, type OrderDecision, type OrderInput, takenBack } from './decide-order.ts';
import type { RuledLine, ShaperPlan } from './line.ts';

export type ShaperEvent = {
  readonly type: 'shaper_refused' | 'shaper_given_way';
  readonly severity: 'warning';
  readonly text: string;
  readonly details: Readonly<Record<string, string>>;
};

export type ShaperDeps = {
  readonly rules: {
    readonly leaseMs: number;
    /** At UTC ms. */
    readonly planAt: (utcMs: number) => ShaperPlan;
    /** Why nothing may be ordered now, in a sentence; null where it may. */
    readonly forbidden: () => string | null;
  };
  readonly line: () => RuledLine | null;
  readonly send: (router: string, order: ShaperOrder) => Promise<void>;
  readonly tell: (event: ShaperEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type ShaperStatus = Pick<OrderDecision, 'standing' | 'reason'> & {
  readonly plan: ShaperPlan;
  readonly line: RuledLine | null;
  /** What we ask for; null where nothing. */
  readonly ordered: { readonly upBps: number | null; readonly downBps: number | null } | null;
};

export type Shaper = {
  status(): ShaperStatus;
  /** Runs until the signal fires; then takes back what it ordered. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

const EACH_MS = 1_000;

export function createShaper({ rules, line, send, tell, clock, log }: ShaperDeps): Shaper {
  let memory = NOTHING_ORDERED;
  let said: Pick<OrderDecision, 'standing' | 'reason'> = { standing: 'off', reason: rules.forbidden() ?? 'Starting.' };
  const look = (): OrderInput => ({
    now: clock.monotonic(),
    plan: rules.planAt(clock.now()),
    line: line(),
    forbidden: rules.forbidden(),
    leaseMs: rules.leaseMs,
    newId: `plan-${clock.now()}`,
  });
  const give = async (orders: OrderDecision['orders'], reason: string): Promise<void> => {
    for (const { id, router, wan, upBps, downBps } of orders) {
      const order = { order_id: id, wan, up_bps: upBps, down_bps: downBps, ttl_s: rules.leaseMs / 1000, reason };
      // One that is lost is said again; one that is not heard ends by itself.
      await send(router, order).catch((error: unknown) => log.warn({ error: messageOf(error), router }, 'shaper order not sent'));
    }
  };
  const turn = async (): Promise<void> => {
    const input = look();
    const { decision, memory: next } = decideOrder(input, memory);
    memory = next;
    if (decision.reason !== said.reason) {
      log.info(
        { standing: decision.standing, up_bps: next.sent?.upBps ?? null, down_bps: next.sent?.downBps ?? null },
        decision.reason,
      );
      const event = eventOf(decision, input.line);
      if (event !== null) tell(event);
    }
    said = decision;
    await give(decision.orders, decision.reason);
  };
  return {
    status: () => ({
      standing: said.standing,
      reason: said.reason,
      plan: rules.planAt(clock.now()),
      line: line(),
      ordered: memory.sent && { upBps: memory.sent.upBps, downBps: memory.sent.downBps },
    }),
    async run(signal) {
      while (!signal.aborted) {
        await turn().catch((error: unknown) => log.error({ error: messageOf(error) }, 'shaper turn failed'));
        await clock.sleep(EACH_MS, signal).catch(() => {});
      }
      const orders = takenBack(memory.sent);
      memory = NOTHING_ORDERED;
      await give(orders, 'Headgate stops.');
    },
  };
}

function eventOf({ standing, reason }: OrderDecision, line: RuledLine | null): ShaperEvent | null {
  if (standing !== 'refused' && standing !== 'given_way') return null;
  const details = { router: line?.router ?? '', wan: line?.wan ?? '' };
  return { type: `shaper_${standing}`, severity: 'warning', text: reason, details };
}

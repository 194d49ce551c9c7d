// Carries out shaper orders at the router: one thing at a time, the original on disk before the first write, back at the lease's end.
import type { ShaperOrder, ShaperState } from '@headgate/protocol';
import { KBIT } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { QueueSection } from '../router/answers.ts';
import type { Router } from '../router/router.ts';
import type { OriginalFile } from './original-file.ts';
import { type KeptOriginal, type Lease, type OrderPlan, planOrder, planRestore, type Rates } from './plan-shaper.ts';

type Deps = {
  /** `off` still puts back what an earlier run left; `dry` writes nothing at all. */
  readonly mode: 'on' | 'off' | 'dry';
  readonly router: Router;
  readonly file: OriginalFile;
  /** The SQM section of a WAN. */
  readonly sectionOf: (wan: string, sections: readonly QueueSection[] | null) => QueueSection | undefined;
  readonly say: (state: ShaperState) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type ShaperKeeper = {
  readonly order: (order: ShaperOrder) => Promise<void>;
  /** Each second: ends leases, tries again what failed, and at the start puts back what an earlier run left. */
  readonly tick: () => Promise<void>;
  /** Ends the lease and puts the original back: at a reboot of the router, and at the agent's end. */
  readonly release: (why: string) => Promise<void>;
  readonly leaseOn: () => string | undefined;
};

/** Two writes are never closer: each builds the router's queues anew and writes its flash. The latest order waits. */
const LEAST_BETWEEN_MS = 5_000;
const TRY_AGAIN_MS = 10_000;

export function createShaperKeeper({ mode, router, file, sectionOf, say, clock, log }: Deps): ShaperKeeper {
  const enabled = mode === 'on';
  let lease: Lease | undefined;
  let kept: KeptOriginal | undefined;
  let loaded = false;
  /** Something of ours stands that has to go back. */
  let owed = true;
  let tryAt = Number.NEGATIVE_INFINITY;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let waiting: ShaperOrder | undefined;
  let refused: string | null = null;
  let line: Promise<void> = Promise.resolve();

  const inTurn = (task: () => Promise<void>): Promise<void> => {
    line = line
      .then(task)
      .catch((error: unknown) => log.warn({ problem: messageOf(error) }, 'the shaper could not be changed; trying again'));
    return line;
  };
  const sayState = (): void => say(stateOf({ enabled, lease, kept, refused, now: clock }));

  const load = async (): Promise<void> => {
    if (!loaded) kept = await file.load();
    loaded = true;
  };

  const putBack = async (): Promise<void> => {
    lease = undefined;
    tryAt = clock.monotonic() + TRY_AGAIN_MS;
    await load();
    if (kept !== undefined && mode !== 'dry') {
      const { sections } = await router.sqm();
      const section = sections?.find((one) => one.name === kept?.section);
      const back = planRestore(kept, section);
      if (back !== undefined) await router.setRate({ section: kept.section, ...changed(back, section) });
      await file.clear();
      log.info(
        { section: kept.section, ...(back ?? {}) },
        back ? "the shaper's original is back" : 'the shaper has its own rate already',
      );
      kept = undefined;
    }
    owed = false;
    sayState();
  };

  const carryOut = async (order: ShaperOrder, plan: OrderPlan, section: QueueSection | undefined): Promise<void> => {
    refused = plan.do === 'refuse' ? plan.reason : null;
    if (plan.do === 'release') return await putBack();
    if (plan.do === 'refuse') log.warn({ order: order.order_id, reason: plan.reason }, 'a shaper order was refused');
    if (plan.do === 'extend') lease = plan.lease;
    if (plan.do === 'write') {
      owed = true;
      // If the original cannot be stored, nothing is written.
      await file.save(plan.keep);
      kept = plan.keep;
      writtenAt = clock.monotonic();
      await router.setRate({ section: plan.lease.section, ...changed(plan.lease.wanted, section) });
      lease = plan.lease;
      log.info({ order: order.order_id, wan: order.wan, ...plan.lease.wanted, reason: order.reason }, 'the shaper is set');
    }
    sayState();
  };

  const obey = async (order: ShaperOrder): Promise<void> => {
    await load();
    const reading = enabled ? await router.sqm() : { sections: null, autorate: null };
    const section = sectionOf(order.wan, reading.sections);
    const plan = planOrder(order, { enabled, section, autorate: reading.autorate, kept }, lease, clock.monotonic());
    if (plan.do === 'write' && clock.monotonic() - writtenAt < LEAST_BETWEEN_MS) {
      waiting = order;
      return;
    }
    await carryOut(order, plan, section);
  };

  return {
    order: (order) => {
      waiting = undefined;
      return inTurn(() => obey(order));
    },
    tick: async () => {
      const now = clock.monotonic();
      if (lease !== undefined && now >= lease.endsAtMs) {
        log.info({ order: lease.orderId }, 'the shaper lease has ended');
        await inTurn(putBack);
      } else if (lease === undefined && owed && now >= tryAt) await inTurn(putBack);
      const late = waiting;
      if (late !== undefined && now - writtenAt >= LEAST_BETWEEN_MS) {
        waiting = undefined;
        await inTurn(() => obey(late));
      }
    },
    release: async (why) => {
      waiting = undefined;
      if (lease === undefined && kept === undefined) return;
      log.info({ why }, 'the shaper goes back to its original');
      await inTurn(putBack);
    },
    leaseOn: () => lease?.wan,
  };
}

/** Only what differs goes into UCI. */
const changed = (wanted: Rates, current: Rates | undefined): { uploadKbit: number | null; downloadKbit: number | null } => ({
  uploadKbit: wanted.uploadKbit === current?.uploadKbit ? null : wanted.uploadKbit,
  downloadKbit: wanted.downloadKbit === current?.downloadKbit ? null : wanted.downloadKbit,
});

type Standing = {
  readonly enabled: boolean;
  readonly lease: Lease | undefined;
  readonly kept: KeptOriginal | undefined;
  readonly refused: string | null;
  readonly now: Clock;
};

function stateOf({ enabled, lease, kept, refused, now }: Standing): ShaperState {
  const bps = (kbit: number | undefined): number | null => (kbit === undefined || kbit === 0 ? null : kbit * KBIT);
  return {
    at: new Date(now.now()).toISOString(),
    enabled,
    order_id: lease?.orderId ?? null,
    wan: lease?.wan ?? null,
    up_bps: bps(lease?.wanted.uploadKbit),
    down_bps: bps(lease?.wanted.downloadKbit),
    original: kept === undefined ? null : { up_bps: bps(kept.original.uploadKbit), down_bps: bps(kept.original.downloadKbit) },
    lease_left_s: lease === undefined ? null : Math.max(0, Math.round((lease.endsAtMs - now.monotonic()) / 1000)),
    refused,
  };
}

// What nodes of this site may send and fetch, as leases: said when they change, and again before they end; lifted at the end.
import type { NodeLimits, TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** bit/s; null: as the node's own configuration has it. */
export type NodeLease = { readonly upBps: number | null; readonly downBps: number | null };

export type NodeLeases = {
  /** The whole wish: a node that is not in it is as its own configuration has it. Returns at once. */
  want(wanted: ReadonlyMap<string, NodeLease>): void;
  /** What a node was told last, and goes by; null: none of ours. */
  given(node: string): NodeLease | null;
  /** Lifts all, bounded in time. Never rejects. */
  liftAll(): Promise<void>;
};

export type NodeLeasesDeps = {
  readonly link: Pick<TypedLink, 'say'>;
  /** Random text for an order's id. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
};

type Known = { lease: NodeLease; saidAt: number; isBusy: boolean; failures: number };

const TTL_S = 30;
const AGAIN_MS = (TTL_S * 1_000) / 3;
/** Between two changes of one node's lease, unless it falls by much. */
const LEAST_MS = 1_000;
const SMALL_RISE = 1.1;
const BIG_FALL = 0.85;
const LIFT_MS = 1_000;
const NONE: NodeLease = { upBps: null, downBps: null };
const isNone = ({ upBps, downBps }: NodeLease): boolean => upBps === null && downBps === null;

export function createNodeLeases({ link, newId, clock, log }: NodeLeasesDeps): NodeLeases {
  const known = new Map<string, Known>();
  const say = (node: string, { upBps, downBps }: NodeLease): Promise<void> => {
    const order: NodeLimits = {
      order_id: newId(),
      up_bps: upBps,
      down_bps: downBps,
      ttl_s: TTL_S,
      reason: upBps === null && downBps === null ? 'the uplink is free' : "this node's share of the uplink",
    };
    return link.say('nodeLimits', { node }, order);
  };
  async function tell(node: string, one: Known, lease: NodeLease): Promise<void> {
    one.isBusy = true;
    one.saidAt = clock.monotonic();
    const before = one.lease;
    // A smaller share is taken for given at once, a larger one when it is said.
    one.lease = lease;
    try {
      await say(node, lease);
      one.failures = 0;
      if (isNone(lease)) known.delete(node);
    } catch (error) {
      one.lease = before;
      one.failures += 1;
      if (one.failures === 1) log.warn({ node, error: messageOf(error) }, 'the limits of a node were not said');
    } finally {
      one.isBusy = false;
    }
  }
  return {
    want(wanted) {
      const now = clock.monotonic();
      for (const node of new Set([...wanted.keys(), ...known.keys()])) {
        const lease = wanted.get(node) ?? NONE;
        const one = known.get(node) ?? { lease: NONE, saidAt: Number.NEGATIVE_INFINITY, isBusy: false, failures: 0 };
        if (one.isBusy || !isDue(one, lease, now)) continue;
        known.set(node, one);
        void tell(node, one, lease);
      }
    },
    given: (node) => known.get(node)?.lease ?? null,
    async liftAll() {
      const late = AbortSignal.timeout(LIFT_MS);
      const lifted = Promise.allSettled([...known.keys()].map((node) => say(node, NONE)));
      known.clear();
      await Promise.race([lifted, new Promise((resolve) => late.addEventListener('abort', resolve))]);
    },
  };
}

function isDue({ lease: before, saidAt, failures }: Known, lease: NodeLease, now: number): boolean {
  const age = now - saidAt;
  if (failures > 0) return age >= Math.min(AGAIN_MS, LEAST_MS * 2 ** failures);
  if (!isNone(lease) && age >= AGAIN_MS) return true;
  const changes = [changeOf(before.upBps, lease.upBps), changeOf(before.downBps, lease.downBps)];
  return changes.includes('urgent') || (changes.includes('due') && age >= LEAST_MS);
}

/** A share that might be a little larger does no harm; one that should be smaller does. */
function changeOf(before: number | null, next: number | null): 'none' | 'due' | 'urgent' {
  if (before === next) return 'none';
  if (before === null || next === null) return 'urgent';
  if (next > before) return before === 0 || next >= before * SMALL_RISE ? 'due' : 'none';
  return next <= before * BIG_FALL ? 'urgent' : 'due';
}

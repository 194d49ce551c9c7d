// Shaper orders to steps. Pure: order, state and now in, steps out. A lease ends by itself; what was there before always comes back.
import { KBIT, type ShaperOrder } from '@headgate/protocol';
import type { QueueSection } from '../router/answers.ts';
import type { RateTool } from '../router/rate-tool.ts';

/** One direction's rate in kbit/s as UCI has it; 0 is "not shaped". */
export type Rates = { readonly uploadKbit: number; readonly downloadKbit: number };

/** What is on disk from before our first write until the original is back. */
export type KeptOriginal = {
  readonly section: string;
  readonly original: Rates;
  /** What we wrote, the last one at the end: if UCI says none of these, a person or a tool changed it, and that stands. */
  readonly written: readonly Rates[];
};

export type Lease = {
  readonly orderId: string;
  readonly wan: string;
  readonly section: string;
  readonly wanted: Rates;
  /** By the agent's monotonic clock: routers have no clock of their own. */
  readonly endsAtMs: number;
};

/** What the plan knows of the order's WAN. */
export type ShaperView = {
  readonly enabled: boolean;
  readonly section: QueueSection | undefined;
  readonly rateTool: RateTool | false | null;
  readonly kept: KeptOriginal | undefined;
};

export type OrderPlan =
  | { readonly do: 'refuse'; readonly reason: string }
  /** Both rates null: the lease ends now. */
  | { readonly do: 'release' }
  /** The lease runs on; the rates in force stay. */
  | { readonly do: 'extend'; readonly lease: Lease }
  | { readonly do: 'write'; readonly lease: Lease; readonly keep: KeptOriginal };

/** Below this a shaped home is unusable, and so is the way to mend it. */
const LEAST_KBIT = 128;
/** A difference that nobody feels is not worth a reload of SQM and a write to the router's flash. */
const SAME = 0.02;
const MOST_WRITTEN = 7;

/** What to do with an order that just came. @param nowMs monotonic */
export function planOrder(order: ShaperOrder, view: ShaperView, lease: Lease | undefined, nowMs: number): OrderPlan {
  if (!view.enabled) return refuse('shaper orders are switched off in this agent (shaper.enabled)');
  if (order.up_bps === null && order.down_bps === null) return { do: 'release' };
  const { section, kept } = view;
  if (section === undefined) return refuse(`SQM has no section for ${order.wan}`);
  if (!section.enabled) return refuse(`SQM is not enabled on ${order.wan}`);
  if (view.rateTool) return refuse(oneWriter(view.rateTool));
  if (view.rateTool === null)
    return refuse('it cannot be seen whether cake-autorate runs (grant service list, see deploy/openwrt)');
  if (lease !== undefined && lease.wan !== order.wan) return refuse(`a lease for ${lease.wan} stands`);
  for (const bps of [order.up_bps, order.down_bps])
    if (bps !== null && bps < LEAST_KBIT * KBIT) return refuse(`a rate below ${LEAST_KBIT} kbit/s is never set`);
  const current: Rates = { uploadKbit: section.uploadKbit, downloadKbit: section.downloadKbit };
  const untouched = kept !== undefined && kept.section === section.name && isOurs(kept, current);
  const original = untouched ? kept.original : current;
  const wanted: Rates = {
    uploadKbit: wantedKbit(order.up_bps, original.uploadKbit),
    downloadKbit: wantedKbit(order.down_bps, original.downloadKbit),
  };
  const rates: Rates = {
    uploadKbit: settle(wanted.uploadKbit, current.uploadKbit),
    downloadKbit: settle(wanted.downloadKbit, current.downloadKbit),
  };
  const next: Lease = {
    orderId: order.order_id,
    wan: order.wan,
    section: section.name,
    wanted: rates,
    endsAtMs: nowMs + order.ttl_s * 1000,
  };
  // A write may fail half-way, so the one before it may still stand in UCI.
  const earlier = untouched ? kept.written.slice(-MOST_WRITTEN) : [];
  if (sameRates(rates, current)) return { do: 'extend', lease: next };
  return { do: 'write', lease: next, keep: { section: section.name, original, written: [...earlier, rates] } };
}

/** What to write so that the original is back; undefined where it already is, or where somebody else's hand stands. */
export function planRestore(kept: KeptOriginal, current: Rates | undefined): Rates | undefined {
  if (current === undefined || !isOurs(kept, current) || sameRates(kept.original, current)) return undefined;
  return kept.original;
}

const isOurs = (kept: KeptOriginal, current: Rates): boolean => kept.written.some((rates) => sameRates(rates, current));

const sameRates = (a: Rates, b: Rates): boolean => a.uploadKbit === b.uploadKbit && a.downloadKbit === b.downloadKbit;

/** Why nothing is written while such a tool runs. */
export const oneWriter = (tool: RateTool): string => `${tool} sets the rate on this router, and there is one writer only`;

const refuse = (reason: string): OrderPlan => ({ do: 'refuse', reason });

/** The original is a ceiling: the line is no faster for being told so. Null leaves the direction as it was. */
function wantedKbit(bps: number | null, originalKbit: number): number {
  if (bps === null) return originalKbit;
  const kbit = Math.floor(bps / KBIT);
  return originalKbit === 0 ? kbit : Math.min(kbit, originalKbit);
}

const settle = (wanted: number, current: number): number =>
  current > 0 && Math.abs(wanted - current) < current * SAME ? current : wanted;

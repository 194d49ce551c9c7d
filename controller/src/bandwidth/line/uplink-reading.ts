// What the bandwidth feature needs to know of the WAN; run-controller.ts hands it in.

/** The WAN that carries the home's traffic now. */
export type UplinkReading = {
  readonly router: string;
  readonly wan: string;
  /** Last sample; null before the first. */
  readonly sample: { readonly upBps: number; readonly downBps: number; readonly at: number } | null;
  /** Live tc rate, else UCI's; null without SQM. Taken with care where a tool moves it all the time. */
  readonly shaperUpBps: number | null;
  readonly shaperDownBps: number | null;
  /** The rate that stands there by our order; null where none does. The line carries no more, whatever was typed in. */
  readonly orderedUpBps: number | null;
  readonly orderedDownBps: number | null;
  /** The home's own addresses and delegated prefixes (CIDR). */
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly saturated: boolean | null;
};

/** What the line can send and fetch: typed in, else measured, and never more than what we ordered. Null where nobody said. */
export function capacityOf(
  typed: { readonly capacityUpBps: number | null; readonly capacityDownBps: number | null },
  reading: Pick<UplinkReading, 'shaperUpBps' | 'shaperDownBps' | 'orderedUpBps' | 'orderedDownBps'> | null,
): { readonly upBps: number | null; readonly downBps: number | null } {
  const least = (bps: number | null, orderedBps: number | null | undefined): number | null =>
    bps === null ? null : Math.min(bps, orderedBps ?? bps);
  return {
    upBps: least(typed.capacityUpBps ?? reading?.shaperUpBps ?? null, reading?.orderedUpBps),
    downBps: least(typed.capacityDownBps ?? reading?.shaperDownBps ?? null, reading?.orderedDownBps),
  };
}

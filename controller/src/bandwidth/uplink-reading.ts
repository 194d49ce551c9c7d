// What the bandwidth feature needs to know of the WAN; run-controller.ts hands it in.

/** The WAN that carries the home's traffic now. */
export type UplinkReading = {
  readonly router: string;
  readonly wan: string;
  /** Last sample; null before the first. */
  readonly sample: { readonly upBps: number; readonly downBps: number; readonly at: number } | null;
  /** Live tc rate, else UCI's; null without SQM. */
  readonly shaperUpBps: number | null;
  readonly shaperDownBps: number | null;
  /** The home's own addresses and delegated prefixes (CIDR). */
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly saturated: boolean | null;
};

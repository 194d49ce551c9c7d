// Pure: one uplink divided: capacity, less the reserve, less other traffic, is for viewers and then for torrents.

/** Percent of the capacity, or a fixed rate. */
export type Reserve = { readonly percent: number } | { readonly bps: number };

export type BudgetInput = {
  readonly capacityBps: number;
  readonly reserve: Reserve;
  readonly otherBps: number;
  /** What running remote streams really draw. */
  readonly runningBps: number;
  /** 0 where no torrent client shares the uplink. */
  readonly torrentFloorBps: number;
};

export type UplinkBudget = {
  readonly capacityBps: number;
  readonly reserveBps: number;
  readonly otherBps: number;
  /** For all remote streams together. Never negative. */
  readonly viewersBps: number;
  /** What a stream that starts now could have, beside those that run. Never negative. */
  readonly newStreamBps: number;
  /** For all torrent clients together, on the wire; at least the floor. */
  readonly torrentsBps: number;
  readonly headroomBps: number;
  /** What torrents are always left; 0 where none shares the uplink. */
  readonly torrentFloorBps: number;
};

export const reserveBps = (capacityBps: number, reserve: Reserve): number =>
  Math.min(capacityBps, Math.round('bps' in reserve ? reserve.bps : (capacityBps * reserve.percent) / 100));

export function divideUplink({ capacityBps, reserve, otherBps, runningBps, torrentFloorBps }: BudgetInput): UplinkBudget {
  const kept = reserveBps(capacityBps, reserve);
  const usable = Math.max(0, capacityBps - kept - otherBps);
  const viewersBps = Math.max(0, usable - torrentFloorBps);
  return {
    capacityBps,
    reserveBps: kept,
    otherBps,
    viewersBps,
    newStreamBps: Math.max(0, viewersBps - runningBps),
    torrentsBps: Math.max(torrentFloorBps, usable - runningBps),
    headroomBps: Math.max(0, usable - runningBps),
    torrentFloorBps,
  };
}

// Pure: what one policy did over the replayed time.
import type { Decision, Mode } from '../../decision.ts';

/** Of all clients together, while they are limited: mean over that time, and the least. Null where they never are. */
export type LimitFigures = { readonly limitedMs: number; readonly meanBps: number | null; readonly leastBps: number | null };
/** How long something was too much, and by how much at most. */
export type Excess = { readonly ms: number; readonly mostBps: number };

export type SideFigures = {
  readonly modesMs: Readonly<Record<Mode, number>>;
  readonly torrents: LimitFigures;
  readonly downloads: LimitFigures;
  readonly stoppedMs: number;
  /** The minimums of viewers took more than there was. */
  readonly overCommitment: Excess;
  /** Streams that ran drew more than there was for viewers. */
  readonly exceeded: Excess;
};

export type SideTally = { add(decision: Decision, ms: number): void; figures(): SideFigures };

export function createSideTally(): SideTally {
  const modesMs: Record<Mode, number> = { idle: 0, streaming: 0, safe: 0, off: 0, unknown: 0 };
  const [torrents, downloads] = [createLimit(), createLimit()];
  const [overCommitment, exceeded] = [createExcess(), createExcess()];
  let stoppedMs = 0;
  return {
    add(decision, ms) {
      const { mode, budget, runningBps, overCommitmentBps, torrentTotalBps, downloadTotalBps, pausedClients } = decision;
      modesMs[mode] += ms;
      torrents.add(torrentTotalBps, ms);
      downloads.add(downloadTotalBps, ms);
      overCommitment.add(overCommitmentBps, ms);
      exceeded.add(budget === null ? 0 : runningBps - budget.viewersBps, ms);
      if (pausedClients.length > 0) stoppedMs += ms;
    },
    figures: () => ({
      ...{ modesMs, stoppedMs, torrents: torrents.figures(), downloads: downloads.figures() },
      ...{ overCommitment: overCommitment.figures(), exceeded: exceeded.figures() },
    }),
  };
}

function createLimit() {
  let [limitedMs, bitMs, leastBps] = [0, 0, Number.POSITIVE_INFINITY];
  return {
    add(bps: number | null, ms: number): void {
      if (bps === null || ms === 0) return;
      limitedMs += ms;
      bitMs += bps * ms;
      leastBps = Math.min(leastBps, bps);
    },
    figures: (): LimitFigures =>
      limitedMs === 0 ? { limitedMs, meanBps: null, leastBps: null } : { limitedMs, meanBps: bitMs / limitedMs, leastBps },
  };
}

function createExcess() {
  let [excessMs, mostBps] = [0, 0];
  return {
    add(bps: number, ms: number): void {
      if (bps <= 0 || ms === 0) return;
      excessMs += ms;
      mostBps = Math.max(mostBps, bps);
    },
    figures: (): Excess => ({ ms: excessMs, mostBps }),
  };
}

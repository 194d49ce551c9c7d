// Pure: reports, recordings and the shadow in the shapes that REST shows.
import type { z } from 'zod';
import type { RecordingFile } from './recording/recordings.ts';
import type { recordingsView, rehearsalView, shadowView } from './rehearsal-api.ts';
import type { RecordingState, ShadowState } from './rehearsal-state.ts';
import { CAVEATS, type RehearsalReport, type ReportSide } from './replay/report.ts';
import type { Excess, LimitFigures } from './replay/side-tally.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.round(ms / 100) / 10;
const minutes = (ms: number): number => Math.round(ms / 6_000) / 10;
const whole = (bps: number | null): number | null => (bps === null ? null : Math.round(bps));

/** @param remarks sentences beside those of each rehearsal. */
export function viewReport(report: RehearsalReport, remarks: readonly string[] = []): z.input<typeof rehearsalView> {
  const { span, gaps, differences } = report;
  return {
    from: span === null ? null : iso(span.from),
    to: span === null ? null : iso(span.to),
    turns: report.turns,
    replayed_s: seconds(report.replayedMs),
    thinned_s: seconds(report.thinnedMs),
    gaps: {
      count: gaps.count,
      seconds: seconds(gaps.ms),
      first: gaps.first.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
    },
    left_out: report.leftOut,
    decided_otherwise: report.decidedOtherwise,
    was: viewSide(report.was),
    would: viewSide(report.would),
    differing_s: seconds(differences.differingMs),
    moments: differences.moments,
    viewers: differences.viewers.map((one) => ({
      ...{ viewer: one.key, server: one.server, name: one.name },
      ...{ lower_minutes: minutes(one.lowerMs), higher_minutes: minutes(one.higherMs) },
      ...{ least_was_bps: one.leastWasBps, least_would_bps: one.leastWouldBps },
    })),
    first: differences.first.map(({ at, lastedMs, what, wasReason, wouldReason }) => ({
      ...{ at: iso(at), lasted_s: seconds(lastedMs), what },
      ...{ was_reason: wasReason, would_reason: wouldReason },
    })),
    changed_by_hand: [...report.changedByHand],
    problems: [...report.problems],
    caveats: [...CAVEATS, ...remarks],
  };
}

const viewSide = (side: ReportSide): z.input<typeof rehearsalView>['was'] => ({
  modes_s: {
    ...{ idle: seconds(side.modesMs.idle), streaming: seconds(side.modesMs.streaming), safe: seconds(side.modesMs.safe) },
    ...{ off: seconds(side.modesMs.off), unknown: seconds(side.modesMs.unknown) },
  },
  torrents: viewLimit(side.torrents),
  downloads: viewLimit(side.downloads),
  stopped_s: seconds(side.stoppedMs),
  writes: { ...side.writes },
  over_commitment: viewExcess(side.overCommitment),
  exceeded: viewExcess(side.exceeded),
});

const viewLimit = ({ limitedMs, meanBps, leastBps }: LimitFigures) => ({
  limited_s: seconds(limitedMs),
  mean_bps: whole(meanBps),
  least_bps: whole(leastBps),
});

const viewExcess = ({ ms, mostBps }: Excess) => ({ seconds: seconds(ms), most_bps: Math.round(mostBps) });

export const viewRecordings = (
  state: RecordingState | null,
  files: readonly RecordingFile[],
): z.input<typeof recordingsView> => ({
  enabled: state !== null,
  problem: state?.problem ?? null,
  turns: state?.turns ?? 0,
  left_out: state?.leftOut ?? 0,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  files: files.map(({ name, start, bytes, thinned }) => ({ name, began: iso(start), bytes, each: thinned ? 'minute' : 'turn' })),
});

export function viewShadow({ decision, last, ...shadow }: ShadowState): z.input<typeof shadowView> {
  return {
    since: iso(shadow.since),
    turns: shadow.turns,
    differs: shadow.differs,
    differences: shadow.differences,
    differing_s: seconds(shadow.differingMs),
    last: last === null ? null : { at: iso(last.at), what: last.what, reason: last.reason, live_reason: last.liveReason },
    mode: decision?.mode ?? null,
    reason: decision?.reason ?? null,
    torrent_limit_bps: whole(decision?.torrentTotalBps ?? null),
    viewers: (decision?.viewers ?? []).map(({ key, server, name, capBps }) => ({ viewer: key, server, name, cap_bps: capBps })),
    problem: shadow.problem,
  };
}

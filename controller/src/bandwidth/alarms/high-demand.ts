// Pure: whether remote viewers want more of the uplink than there is for them, told once when it begins and once when it is over.
import type { BandwidthEvent } from '../bandwidth-event.ts';
import type { Decision, DecisionInput } from '../decision.ts';
import { mbitOf } from '../rate-words.ts';
import type { WatchedStream } from '../watched-streams.ts';
import { listOf, spanOf } from './event-words.ts';

/** Times are steady ms. */
export type HighDemandMemory = {
  readonly isHigh: boolean;
  /** Since when what it is now no longer holds; null while it does. */
  readonly turningSince: number | null;
  /** Of the one that goes on; null where an earlier run told its beginning. */
  readonly beganAt: number | null;
  readonly peakBps: number;
  readonly peakWho: readonly string[];
  /** When each stream last counted, by its key. */
  readonly countedAt: ReadonlyMap<string, number>;
};

export const NO_HIGH_DEMAND: HighDemandMemory = {
  ...{ isHigh: false, turningSince: null, beganAt: null, peakBps: 0, peakWho: [], countedAt: new Map() },
};

/** How long it must last before its beginning, and its end, are told. */
export type DemandHolds = { readonly afterMs: number; readonly overAfterMs: number };

/** The first moments of a film are a burst and a guess; and between two episodes, or two viewers, there are some minutes. */
export const USUAL_HOLDS: DemandHolds = { afterMs: 30_000, overAfterMs: 5 * 60_000 };

/** Parts of what is for viewers. Other traffic moves that by a tenth all day; between two of these nothing changes. */
const HIGH_FROM = 0.9;
const BETWEEN = 0.8;
const LOW_BELOW = 0.7;
/** Who pauses for less is expected back, and wants what was wanted before. */
const PAUSED_WANTS_MS = 15 * 60_000;

/** One look each turn. */
export function watchHighDemand(
  input: DecisionInput,
  decision: Decision,
  before: HighDemandMemory,
  holds: DemandHolds = USUAL_HOLDS,
): { readonly event: BandwidthEvent | null; readonly memory: HighDemandMemory } {
  const { now } = input;
  const countedAt = lastCounted(input, before);
  const wanting = input.streams.filter((stream) => countedAt.has(stream.key));
  const ceilings = new Map(wanting.length === 0 ? [] : input.viewers.map(({ key, ceilingBps }) => [key, ceilingBps]));
  const wanted: Wanted = {
    bps: wanting.reduce((sum, stream) => sum + wantedBy(stream, ceilings, input.settings.maxPerViewerBps), 0),
    streams: wanting.length,
    who: [...new Set(wanting.map(({ server, stream }) => `${server}/${stream.userName}`))].sort(),
  };
  const seen = peak({ ...before, countedAt }, wanted);
  const standing = standingOf(decision, wanted);
  if (standing === 'unknown') return { event: null, memory: seen };
  const turns = before.isHigh ? standing === 'low' : standing === 'high';
  const returns = before.isHigh ? standing === 'high' || standing === 'upper' : standing === 'low' || standing === 'lower';
  const turningSince = turns ? (before.turningSince ?? now) : returns ? null : before.turningSince;
  const holdMs = before.isHigh ? holds.overAfterMs : holds.afterMs;
  if (!turns || turningSince === null || now - turningSince < holdMs) return { event: null, memory: { ...seen, turningSince } };
  if (before.isHigh) return { event: endEvent(wanted, decision, { ...seen, now }), memory: { ...NO_HIGH_DEMAND, countedAt } };
  return {
    event: beginEvent(wanted, decision),
    memory: { isHigh: true, turningSince: null, beganAt: turningSince, peakBps: wanted.bps, peakWho: wanted.who, countedAt },
  };
}

type Wanted = { readonly bps: number; readonly streams: number; readonly who: readonly string[] };

/** Streams that count, and those that did until they were paused a while ago. */
function lastCounted({ streams, now }: DecisionInput, { countedAt }: HighDemandMemory): ReadonlyMap<string, number> {
  const entries = streams.flatMap(({ key, counts, stream, location, cutOff }): (readonly [string, number])[] => {
    if (counts) return [[key, now]];
    const last = countedAt.get(key);
    const waits = stream.paused && location.usesUplink && !cutOff;
    return last !== undefined && waits && now - last < PAUSED_WANTS_MS ? [[key, last]] : [];
  });
  return new Map(entries);
}

/** A cap that was obeyed hides what its viewer would have: the source's rate, within what the viewer may have at all. */
function wantedBy(
  { viewer, stream, demand, location }: WatchedStream,
  ceilings: ReadonlyMap<string, number>,
  maxPerViewerBps: number,
): number {
  const ceilingBps = ceilings.get(viewer);
  const most = location.capped && ceilingBps !== undefined ? Math.min(ceilingBps, maxPerViewerBps) : demand.bps;
  return Math.max(demand.bps, Math.min(most, stream.nominalBps ?? 0));
}

function standingOf({ budget, overCommitmentBps }: Decision, wanted: Wanted): 'low' | 'lower' | 'upper' | 'high' | 'unknown' {
  if (wanted.streams === 0) return 'low';
  if (budget === null) return 'unknown';
  if (overCommitmentBps > 0 || wanted.bps >= HIGH_FROM * budget.viewersBps) return 'high';
  if (wanted.bps >= BETWEEN * budget.viewersBps) return 'upper';
  return wanted.bps < LOW_BELOW * budget.viewersBps ? 'low' : 'lower';
}

const peak = (memory: HighDemandMemory, { bps, who }: Wanted): HighDemandMemory =>
  memory.isHigh && bps > memory.peakBps ? { ...memory, peakBps: bps, peakWho: who } : memory;

function beginEvent(wanted: Wanted, decision: Decision): BandwidthEvent {
  const { budget, overCommitmentBps } = decision;
  const short =
    overCommitmentBps > 0 ? ` The minimum per viewer does not fit: ${mbitOf(overCommitmentBps)} more than there is.` : '';
  return {
    type: 'high_demand_began',
    severity: 'info',
    text: `${sentence(wanted, decision)} Watching: ${listOf(wanted.who)}.${short}`,
    details: { ...numbers(wanted, decision), capacity_bps: budget?.capacityBps ?? null, other_bps: budget?.otherBps ?? null },
  };
}

function endEvent(
  wanted: Wanted,
  decision: Decision,
  { now, beganAt, peakBps, peakWho }: HighDemandMemory & { readonly now: number },
): BandwidthEvent {
  const lasted =
    beganAt === null ? '' : ` It lasted ${spanOf(now - beganAt)}; the most was ${mbitOf(peakBps)} by ${listOf(peakWho)}.`;
  return {
    type: 'high_demand_ended',
    severity: 'info',
    text: `High demand is over. ${sentence(wanted, decision)}${lasted}`,
    details: {
      ...numbers(wanted, decision),
      lasted_s: beganAt === null ? null : Math.round((now - beganAt) / 1_000),
      peak_bps: beganAt === null ? null : peakBps,
    },
  };
}

const numbers = ({ bps, streams, who }: Wanted, { budget, runningBps }: Decision): BandwidthEvent['details'] => ({
  ...{ streams, viewers: listOf(who), wanted_bps: bps, running_bps: runningBps },
  for_viewers_bps: budget?.viewersBps ?? null,
});

function sentence({ bps, streams }: Wanted, { budget }: Decision): string {
  if (streams === 0) return 'Nobody watches from outside.';
  const who = streams === 1 ? '1 remote stream wants' : `${streams} remote streams want`;
  return budget === null
    ? `${who} ${mbitOf(bps)}.`
    : `${who} ${mbitOf(bps)} of the ${mbitOf(budget.viewersBps)} that are for viewers.`;
}

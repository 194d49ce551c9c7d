// Pure: an explanation in the shape that REST shows.
import type { z } from 'zod';
import type { explanationView } from './explain-api.ts';
import type { CapExplanation } from './explain-cap.ts';
import type { ClientExplanation, SideExplanation } from './explain-client.ts';
import type { When } from './explainer.ts';
import { uplinkWords } from './uplink-words.ts';

type View = z.input<typeof explanationView>;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export const viewViewerWhy = ({ explanation, ...when }: When & { readonly explanation: CapExplanation }): View => ({
  ...viewWhen(when),
  sentences: [...explanation.sentences],
  client: null,
  viewer: {
    viewer: explanation.viewer,
    cap_bps: explanation.capBps,
    effective_bps: explanation.effective?.bps ?? null,
    effective_from: explanation.effective?.from ?? null,
    why: explanation.why,
    basis: explanation.basis,
    algorithm: when.numbers.settings.algorithm,
    class: explanation.class,
    min_bps: explanation.minBps,
    max_bps: explanation.maxBps,
    step_bps: when.numbers.settings.step,
    wanted_bps: explanation.wantedBps,
    in_force_bps: explanation.inForceBps,
    rises_at: isoOrNull(explanation.risesAt),
    rises_to_bps: explanation.risesToBps,
    ceiling_bps: explanation.ceiling?.bps ?? null,
    ceiling_from: explanation.ceiling?.from ?? null,
    boost: explanation.boost === null ? null : { bps: explanation.boost.bps, until: iso(explanation.boost.until) },
    streams: when.numbers.streams.map(([viewer, demand, from, wish, binds, weight, min, max, wire]) => ({
      ...{ viewer, demand_bps: demand, demand_from: from, wire_bps: wire, wish_bps: wish, bound: binds === 1 },
      ...{ weight, min_bps: min, max_bps: max },
    })),
    more_streams: when.numbers.moreStreams,
    boosts: when.numbers.boosts.map(([viewer, bps, until]) => ({ viewer, bps, until: iso(until) })),
  },
});

/** Nobody's in particular. */
export const viewUplinkWhy = (when: When): View => ({
  ...viewWhen(when),
  sentences: [...uplinkWords(when.numbers)],
  viewer: null,
  client: null,
});

export const viewClientWhy = ({ explanation, ...when }: When & { readonly explanation: ClientExplanation }): View => ({
  ...viewWhen(when),
  sentences: [...explanation.sentences],
  viewer: null,
  client: {
    client: explanation.client,
    share: explanation.share,
    paused: explanation.paused,
    upload: viewSide(explanation.upload),
    download: viewSide(explanation.download),
  },
});

function viewWhen({ at, until, endedByRestart, numbers }: When): Omit<View, 'sentences' | 'viewer' | 'client'> {
  const { budget, unbound } = numbers;
  return {
    at: iso(at),
    until: isoOrNull(until),
    ended_by_restart: endedByRestart,
    mode: numbers.mode,
    dry_run: numbers.settings.dryRun,
    schedule_rule: numbers.settings.rule,
    uplink:
      budget === null
        ? null
        : {
            capacity_bps: budget.capacity,
            capacity_from: numbers.capacityFrom,
            reserve_bps: budget.reserve,
            other_bps: budget.other,
            other_known: numbers.otherKnown,
            torrent_floor_bps: budget.floor,
            viewers_bps: budget.viewers,
            running_bps: numbers.running,
            unbound_bps: unbound,
            available_bps: Math.max(0, budget.viewers - unbound),
            new_stream_bps: budget.newStream,
            torrents_bps: budget.torrents,
            over_commitment_bps: numbers.shortBy,
          },
  };
}

function viewSide(side: SideExplanation | null): NonNullable<View['client']>['upload'] {
  if (side === null) return null;
  return {
    cap_bps: side.capBps,
    used_bps: side.usedBps,
    weight: side.weight,
    busy: side.busy,
    ceiling_bps: side.ceilingBps,
    fixed_bps: side.fixedBps,
    idle_bps: side.idleBps,
    wanted_total_bps: side.wantedTotalBps,
    total_bps: side.totalBps,
    rises_at: isoOrNull(side.risesAt),
    rises_to_bps: side.risesToBps,
    clients: side.shares.map(({ client, weight, busy, ceiling, fixed }) => ({
      ...{ client, weight, busy },
      ...{ ceiling_bps: ceiling ?? null, fixed_bps: fixed ?? null },
    })),
  };
}

// Pure: what the download clients may send and fetch, client by client, and whether they run at all.
import { type Activity, nextActivity } from './client-activity.ts';
import type { DecisionInput, DecisionMemory, Mode, TorrentCap, TorrentInput } from './decision.ts';
import { downloadsBps } from './download-budget.ts';
import { type Hold, holdRelease } from './hold-release.ts';
import type { UplinkBudget } from './line/uplink-budget.ts';
import { shareTorrents } from './torrent-shares.ts';

export type ClientContext = {
  readonly input: DecisionInput;
  readonly before: DecisionMemory;
  readonly mode: Mode;
  readonly budget: UplinkBudget | null;
  /** Somebody watches, and that is acted upon. */
  readonly watched: boolean;
  /** How much of the router's last word is not believed any more, from 0 to 1. */
  readonly doubt: number;
  readonly holds: Map<string, Hold>;
};

export type ClientCaps = {
  readonly torrents: readonly TorrentCap[];
  readonly downloads: readonly TorrentCap[];
  readonly pausedClients: readonly string[];
  readonly remembered: Pick<DecisionMemory, 'sending' | 'fetching' | 'fetchedBps' | 'paused'>;
};

export function capClients(context: ClientContext): ClientCaps {
  const senders = context.input.torrents.filter(({ onUplink, uploads, mode }) => onUplink && uploads && mode !== null);
  const up = capUploads(context, senders);
  const down = capDownloads(context);
  const paused = hold(context, 'pausing', isScarce(context) ? PAUSE : RUN, context.watched ? LEAST_PAUSE_MS : 0) === PAUSE;
  return {
    torrents: up.caps,
    downloads: down.caps,
    pausedClients: paused ? senders.map(({ client }) => client) : [],
    remembered: { sending: up.activity, fetching: down.activity, fetchedBps: down.totalBps, paused },
  };
}

type Capped = { readonly caps: readonly TorrentCap[]; readonly activity: Activity };

const NONE = Number.POSITIVE_INFINITY;
const [PAUSE, RUN] = [0, 1];
/** Each stop and start of a torrent is told to all its trackers: no reason for it at each burst of other traffic. */
const LEAST_PAUSE_MS = 60_000;
const acts = (mode: Mode): boolean => mode !== 'off' && mode !== 'unknown';
/** A limit that was typed in needs no capacity to be right. */
const takesTyped = (mode: Mode): boolean => mode !== 'off';

/** Too little is left for torrents to be worth running. In the safe plan nobody can say: what is stopped stays so, and nothing new is stopped. */
function isScarce({ input, before, mode, budget, watched }: ClientContext): boolean {
  const { pauseBelowBps } = input.settings.torrents;
  if (pauseBelowBps === null || !acts(mode) || !watched) return false;
  return mode === 'safe' || budget === null ? before.paused : budget.headroomBps < pauseBelowBps;
}

function capUploads(context: ClientContext, senders: readonly TorrentInput[]): Capped {
  const { input, before, mode, budget, watched } = context;
  const { torrentFloorBps, torrentClients } = input.settings;
  const total = mode === 'safe' || budget === null ? torrentFloorBps : fading(context, budget.torrentsBps, torrentFloorBps);
  // Without a capacity only what was typed in holds: what is shared once there is one starts afresh.
  const heldBps = hold(context, mode === 'unknown' ? 'typed' : 'torrents', watched && takesTyped(mode) ? total : NONE);
  const ask = senders.map((sender) => ({
    ...claimOf(sender, sender.ceilingBps, torrentClients[sender.client]?.weight),
    usedBps: sender.uploadBps,
    fixedBps: torrentClients[sender.client]?.whileStreamingBps ?? null,
  }));
  const shared = share(context, heldBps, ask, before.sending);
  const caps = ask.flatMap(({ client, speed, ceilingBps, fixedBps }) => {
    const idleBps = watched ? NONE : torrentClients[client]?.whenIdleBps || NONE;
    const sharedBps = acts(mode) || fixedBps !== null ? (shared.bps.get(client) ?? NONE) : NONE;
    const bps = takesTyped(mode) ? Math.min(sharedBps, idleBps) : NONE;
    return bothSlots(client, speed, bps < ceilingBps ? bps : null);
  });
  return { caps, activity: shared.activity };
}

/** As for uploads; without a capacity nothing is said of downloads, but a limit that stood stands through the safe plan. */
function capDownloads(context: ClientContext): Capped & { readonly totalBps: number } {
  const { input, before, mode, watched } = context;
  const { limitDownloads, downloadFloorBps, downloadReserve } = input.settings.torrents;
  const inForce = acts(mode) && (limitDownloads === 'always' || (limitDownloads === 'streaming' && watched));
  const budget =
    input.capacityDownBps === null
      ? null
      : downloadsBps({
          capacityBps: input.capacityDownBps,
          reserve: downloadReserve,
          otherBps: input.otherDownBps ?? 0,
          floorBps: downloadFloorBps,
        });
  const unsureBps = budget === null ? before.fetchedBps : downloadFloorBps;
  const total = mode === 'safe' ? unsureBps : budget === null ? NONE : fading(context, budget, downloadFloorBps);
  const heldBps = hold(context, 'downloads', inForce ? total : NONE);
  const ask = input.torrents.flatMap((fetcher) =>
    fetcher.onUplink && fetcher.mode !== null && fetcher.downloadCeilingBps !== null
      ? [
          {
            ...claimOf(fetcher, fetcher.downloadCeilingBps, input.settings.torrentClients[fetcher.client]?.weight),
            usedBps: fetcher.downloadBps,
            fixedBps: null,
          },
        ]
      : [],
  );
  const shared = share(context, heldBps, ask, before.fetching);
  const caps = ask.flatMap(({ client, speed, ceilingBps }) => {
    const bps = shared.bps.get(client) ?? NONE;
    return bothSlots(client, speed, bps < ceilingBps ? bps : null);
  });
  return { caps, activity: shared.activity, totalBps: heldBps };
}

/** The hold is on the sum: who takes over from another client needs no wait. */
function hold({ input, before, mode, holds }: ClientContext, key: string, wantedBps: number, leastMs = 0): number {
  const releaseMs = takesTyped(mode) ? Math.max(leastMs, input.settings.restoreAfterMs) : 0;
  const held = holdRelease(before.holds.get(key) ?? [], wantedBps, input.now, releaseMs);
  holds.set(key, held.hold);
  return held.value;
}

/**
 * While the router is silent the part shrinks to the floor: a stale number must not let them fill the line.
 * What is above the floor comes in whole steps, so that the WAN's noise of each second is no reason to write.
 */
function fading({ input, doubt }: ClientContext, bps: number, floorBps: number): number {
  const { stepBps } = input.settings;
  const above = Math.max(0, bps - floorBps) * (1 - doubt);
  // A measurement that is no number must not become "no limit".
  return Number.isFinite(above) ? floorBps + Math.floor(above / stepBps) * stepBps : floorBps;
}

type Ask = {
  readonly client: string;
  readonly speed: NonNullable<TorrentInput['mode']>;
  readonly ceilingBps: number;
  readonly weight: number;
  readonly usedBps: number;
  readonly fixedBps: number | null;
};

function claimOf(
  { client, mode }: TorrentInput,
  ceilings: TorrentInput['ceilingBps'],
  weight: number | undefined,
): Pick<Ask, 'client' | 'speed' | 'ceilingBps' | 'weight'> {
  const speed = mode ?? 'normal';
  return { client, speed, ceilingBps: ceilings[speed], weight: weight ?? 1 };
}

/** Empty where nothing is to be shared. Who is busy is followed all the same: it must be known when somebody starts to watch. */
function share(
  { input }: ClientContext,
  totalBps: number,
  asks: readonly Ask[],
  before: Activity,
): { readonly bps: ReadonlyMap<string, number>; readonly activity: Activity } {
  const activity = nextActivity(before, totalBps, asks, input.now);
  const byActivity = input.settings.torrents.share === 'activity';
  const claims = asks.map((ask) => ({ ...ask, busy: !byActivity || activity.has(ask.client) }));
  return { bps: totalBps === NONE ? new Map() : shareTorrents(totalBps, claims), activity };
}

/** The slot of the speed mode that rests is as its user had it. */
const bothSlots = (client: string, mode: Ask['speed'], bps: number | null): readonly TorrentCap[] => [
  { client, mode, capBps: bps === null ? null : Math.max(1, Math.floor(bps)) },
  { client, mode: mode === 'normal' ? 'alternative' : 'normal', capBps: null },
];

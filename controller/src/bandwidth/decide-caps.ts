// Pure: the decision itself: one uplink, everyone's streams and torrents, the operator's wishes -> a cap for each, with the reason.
import { MOST_CAP_BPS, wholeSteps } from './allocate-caps.ts';
import type { Claim } from './allocators/allocator.ts';
import { capClients } from './cap-clients.ts';
import type { Decision, DecisionInput, DecisionMemory, Mode, TorrentCap, ViewerCap, ViewerInput } from './decision.ts';
import { explain } from './explain.ts';
import { type Hold, holdRelease } from './hold-release.ts';
import { makeRoom } from './line/saturation.ts';
import { divideUplink, type UplinkBudget } from './line/uplink-budget.ts';
import type { BandwidthSettings, ViewerSettings } from './settings.ts';
import { overheadsOf, shareLine } from './share-line.ts';
import { IDLE, nextPhase } from './streaming-phase.ts';
import type { WatchedStream } from './watched-streams.ts';

export const NOTHING_DECIDED: DecisionMemory = {
  phase: IDLE,
  mode: 'unknown',
  holds: new Map(),
  caps: new Map(),
  sending: new Map(),
  fetching: new Map(),
  fetchedBps: Number.POSITIVE_INFINITY,
  paused: false,
};

/** From here on the router's last word is doubted, and from `SAFE_AFTER_MS` on not believed. */
export const STALE_AFTER_MS = 15_000;
const SAFE_AFTER_MS = 60_000;

export function decideCaps(
  input: DecisionInput,
  before: DecisionMemory,
): { readonly decision: Decision; readonly memory: DecisionMemory } {
  const { settings, now } = input;
  const counted = input.streams.filter(({ counts }) => counts);
  // A full line is felt at once by whoever watches: it is not waited for whether they stay.
  const throttleAfterMs = input.rush?.isNow ? 0 : settings.throttleAfterMs;
  const phase = nextPhase(before.phase, counted.length > 0, now, { ...settings, throttleAfterMs });
  const acted = phase.phase === 'streaming' ? counted : [];
  const runningBps = sumWire(acted);
  const sharing = input.torrents.some(({ onUplink, uploads }) => onUplink && uploads);
  const torrentFloorBps = sharing ? settings.torrentFloorBps : 0;
  const budget =
    input.capacityUpBps === null
      ? null
      : makeRoom(
          divideUplink({
            capacityBps: input.capacityUpBps,
            reserve: settings.reserve,
            otherBps: input.otherBps ?? 0,
            runningBps,
            torrentFloorBps,
          }),
          input.rush,
          torrentFloorBps,
        );
  const mode = modeOf(input, before, { phase: phase.phase, budget });
  const context: Context = { input, before, mode, budget, acted, holds: new Map() };
  const { viewers, overCommitmentBps } = capViewers(context);
  const watched = phase.phase === 'streaming' || (mode === 'safe' && (phase.phase === 'ending' || input.serverLost));
  const { remembered, ...clients } = capClients({ ...context, watched, doubt: doubtOf(input.routerSilentMs) });
  const [torrentTotalBps, downloadTotalBps] = [sumCaps(clients.torrents), sumCaps(clients.downloads)];
  const stale = (input.routerSilentMs ?? 0) > STALE_AFTER_MS;
  const facts = {
    mode,
    budget,
    runningBps,
    counted: counted.length,
    overCommitmentBps,
    stale,
    torrentTotalBps,
    downloadTotalBps,
  };
  const decision: Decision = {
    ...facts,
    ...clients,
    at: now,
    reason: explain({ ...facts, pausedClients: clients.pausedClients }, input),
    viewers,
    // A stream that waited for `throttleAfterMs` starts, as far as limits are concerned, when it is acted upon.
    newestStartAt: acted.length === 0 ? null : Math.max(phase.since, ...acted.map(({ startedAt }) => startedAt)),
  };
  const acts = mode !== 'off' && mode !== 'unknown';
  const caps = new Map(acts ? viewers.map(({ key, capBps }) => [key, capBps] as const) : []);
  return { decision, memory: { phase, mode, holds: context.holds, caps, ...remembered } };
}

type Context = {
  readonly input: DecisionInput;
  readonly before: DecisionMemory;
  readonly mode: Mode;
  readonly budget: UplinkBudget | null;
  readonly acted: readonly WatchedStream[];
  readonly holds: Map<string, Hold>;
};

function modeOf(
  input: DecisionInput,
  before: DecisionMemory,
  { phase, budget }: { readonly phase: string; readonly budget: UplinkBudget | null },
): Mode {
  if (!input.settings.enabled) return 'off';
  if (budget === null) return before.mode === 'off' || before.mode === 'unknown' ? 'unknown' : 'safe';
  if ((input.routerSilentMs ?? 0) >= SAFE_AFTER_MS || input.serverLost) return 'safe';
  return phase === 'streaming' || phase === 'ending' ? 'streaming' : 'idle';
}

function capViewers(context: Context): { readonly viewers: readonly ViewerCap[]; readonly overCommitmentBps: number } {
  const { input, acted, budget, mode } = context;
  const byViewer = Map.groupBy(acted, ({ viewer }) => viewer);
  const cappable = new Map<string, ViewerInput>();
  for (const viewer of input.viewers) if (mayCap(viewer, input)) cappable.set(viewer.key, viewer);
  const claims: Claim[] = [];
  let unbound = 0;
  for (const stream of acted) {
    const viewer = isBound(stream) ? cappable.get(stream.viewer) : undefined;
    if (viewer) claims.push(claimOf(stream, viewer, input));
    else unbound += stream.wireBps;
  }
  const boosts = new Map(input.boosts.filter(({ until }) => until > input.utcNow).map((boost) => [boost.viewer, boost]));
  const allocation =
    budget === null || claims.length === 0
      ? { caps: new Map<string, number>(), overCommitmentBps: 0 }
      : shareLine(
          input.allocator,
          { availableBps: Math.max(0, budget.viewersBps - unbound), claims, boosts, stepBps: input.settings.stepBps },
          overheadsOf(acted),
        );
  const acts = mode !== 'off' && mode !== 'unknown';
  const viewers = input.viewers.map((viewer): ViewerCap => {
    const { key, server, name } = viewer;
    const own = byViewer.get(key) ?? NO_STREAMS;
    const shares = { share: allocation.caps.get(key), boost: boosts.get(key), watches: own.length > 0 };
    const { capBps, why } = !acts ? FREE : cappable.has(key) ? capOf(viewer, context, shares) : viewer.eligible ? EXEMPT : FREE;
    return { key, server, name, streams: own.length, startedAt: newest(own), capBps, why };
  });
  return { viewers, overCommitmentBps: mode === 'streaming' ? allocation.overCommitmentBps : 0 };
}

const NO_STREAMS: readonly WatchedStream[] = [];
const FREE = { capBps: null, why: 'free' } as const;
const EXEMPT = { capBps: null, why: 'exempt' } as const;

function newest(streams: readonly WatchedStream[]): number | null {
  let at: number | null = null;
  for (const { startedAt } of streams) if (at === null || startedAt > at) at = startedAt;
  return at;
}

type Shares = {
  readonly share: number | undefined;
  readonly boost: { readonly bps: number | null } | undefined;
  readonly watches: boolean;
};

function capOf(viewer: ViewerInput, context: Context, { share, boost, watches }: Shares): Pick<ViewerCap, 'capBps' | 'why'> {
  const { input, before, mode, budget, holds } = context;
  const limits = limitsOf(viewer, input.settings);
  const { stepBps } = input.settings;
  if (mode === 'safe' || budget === null) return safeCap(viewer, context, { minBps: limits.minBps, watches });
  const standing =
    input.settings.apply === 'standing' ? wholeSteps(budget.newStreamBps, limits, stepBps) : Number.POSITIVE_INFINITY;
  const boosted =
    boost && share === undefined
      ? wholeSteps(Math.min(boost.bps ?? MOST_CAP_BPS, budget.newStreamBps), { ...limits, maxBps: MOST_CAP_BPS }, stepBps)
      : undefined;
  const wanted = share ?? boosted ?? standing;
  const held = holdRelease(before.holds.get(viewer.key) ?? [], wanted, input.now, boost ? 0 : input.settings.restoreAfterMs);
  holds.set(viewer.key, held.hold);
  return under(viewer, held.value, boost ? 'boost' : share === undefined ? 'standing' : 'share');
}

/** Whoever was decided upon before keeps that, a cap as well as none; who is new gets the minimum (with `active`: once watching). */
function safeCap(
  viewer: ViewerInput,
  { input, before, holds }: Context,
  { minBps, watches }: { readonly minBps: number; readonly watches: boolean },
): Pick<ViewerCap, 'capBps' | 'why'> {
  const kept = before.caps.get(viewer.key);
  const spared = input.settings.apply === 'active' ? !watches : kept !== undefined;
  if ((kept ?? null) === null && spared) return { capBps: null, why: 'free' };
  const bps = kept ?? minBps;
  // What the silence kept is what is let go of slowly after it.
  holds.set(viewer.key, [{ value: bps, since: input.now }]);
  return under(viewer, bps, kept === undefined || kept === null ? 'minimum' : 'kept');
}

/** Never looser than what was there before us; where that is as tight, it stays itself. */
function under(viewer: ViewerInput, bps: number, why: ViewerCap['why']): Pick<ViewerCap, 'capBps' | 'why'> {
  if (bps === Number.POSITIVE_INFINITY) return { capBps: null, why: 'free' };
  if (bps >= viewer.ceilingBps) return { capBps: null, why: 'ceiling' };
  return { capBps: Math.max(1, Math.min(MOST_CAP_BPS, Math.floor(bps))), why };
}

const doubtOf = (silentMs: number | null): number =>
  Math.min(1, Math.max(0, ((silentMs ?? 0) - STALE_AFTER_MS) / (SAFE_AFTER_MS - STALE_AFTER_MS)));

/** Null where nobody is limited. */
function sumCaps(caps: readonly TorrentCap[]): number | null {
  const limits = caps.map(({ capBps }) => capBps).filter((bps) => bps !== null);
  return limits.length === 0 ? null : limits.reduce((sum, bps) => sum + bps, 0);
}

/** Whoever does not keep to a limit takes what it takes, and all others share what is left. */
export const isBound = ({ location, capState }: WatchedStream): boolean => location.capped && capState !== 'ignored';

export const mayCap = (viewer: ViewerInput, { settings }: DecisionInput): boolean =>
  viewer.eligible && viewerSettings(viewer, settings)?.exempt !== true;

export function claimOf(stream: WatchedStream, viewer: ViewerInput, { settings }: DecisionInput): Claim {
  const weight = settings.classes[viewerSettings(viewer, settings)?.class ?? settings.defaultClass] ?? 1;
  const { minBps, maxBps } = limitsOf(viewer, settings);
  return { viewer: stream.viewer, demandBps: stream.wishBps, weight, minBps, maxBps };
}

export function limitsOf(viewer: ViewerInput, settings: BandwidthSettings): { readonly minBps: number; readonly maxBps: number } {
  const own = viewerSettings(viewer, settings);
  const minBps = own?.minBps ?? Math.min(settings.minPerViewerBps, own?.maxBps ?? settings.minPerViewerBps);
  return { minBps, maxBps: Math.max(minBps, own?.maxBps ?? settings.maxPerViewerBps) };
}

/** Letter case does not count, as at Jellyfin's log-in; `server/user` wins over `user`. */
export function viewerSettings(
  { server, name }: Pick<ViewerInput, 'server' | 'name'>,
  { viewers }: BandwidthSettings,
): ViewerSettings | undefined {
  // Asked three times a viewer, and most homes name none: the two texts take a fifth of a decision.
  if (Object.keys(viewers).length === 0) return undefined;
  return viewers[`${server}/${name}`.toLowerCase()] ?? viewers[name.toLowerCase()];
}

const sumWire = (streams: readonly WatchedStream[]): number => streams.reduce((sum, { wireBps }) => sum + wireBps, 0);

// Pure: whose player is to be asked now. Lower, where more runs than there is for viewers: those furthest above what the algorithm gave them. Lift, where room came back.
import type { Decision } from '../decision.ts';
import type { BandwidthSettings } from '../settings.ts';
import type { WatchedStream } from '../watched-streams.ts';
import { type Followed, rateOf, type ServerLimit, UNSURE_MS } from './follow-streams.ts';

export type RunningStream = {
  readonly watched: WatchedStream;
  readonly followed: Followed;
  readonly limit: ServerLimit | null;
};

/** Steady ms. */
export type AskMemory = {
  /** More runs than there is since then; null while it does not. */
  readonly overSince: number | null;
  /** By stream: it could take more since then. */
  readonly roomSince: ReadonlyMap<string, number>;
};

export const NOTHING_ASKED: AskMemory = { overSince: null, roomSince: new Map() };

export type PlannedAsk = {
  readonly kind: 'lower' | 'lift' | 'replay';
  readonly running: RunningStream;
  readonly limitBps: number;
  readonly rateBps: number;
};

export type AskInput = {
  readonly now: number;
  readonly settings: Pick<BandwidthSettings, 'runningStreams' | 'renegotiateClients' | 'stepBps'>;
  readonly decision: Pick<Decision, 'mode' | 'budget' | 'viewers' | 'runningBps'>;
  readonly running: readonly RunningStream[];
  /** Whether this viewer may be asked again. */
  readonly isDue: (viewer: string) => boolean;
};

/** A scene's peak is no reason to take somebody's picture away for some seconds. */
const OVER_MS = 10_000;
const ROOM_MS = 10_000;
/** Less is not worth the seconds without a picture. */
const WORTHWHILE = 1.5;

export function planAsks(
  input: AskInput,
  before: AskMemory,
): { readonly asks: readonly PlannedAsk[]; readonly memory: AskMemory } {
  const { now, settings, decision, running } = input;
  const over = decision.mode === 'streaming' ? excessBps(running, decision) : 0;
  const overSince = over > settings.stepBps ? (before.overSince ?? now) : null;
  const mayLift = overSince === null && decision.mode !== 'safe' && decision.mode !== 'unknown';
  const lifts = mayLift ? liftable(input) : [];
  const roomSince = new Map(
    lifts.map(({ running: { watched } }) => [watched.key, before.roomSince.get(watched.key) ?? now] as const),
  );
  const memory = { overSince, roomSince };
  if (settings.runningStreams === 'leave') return { asks: [], memory };
  if (overSince !== null) return { asks: now - overSince >= OVER_MS ? lowerEnough(input, over) : [], memory };
  const asks = lifts.filter(({ running: { watched } }) => now - (roomSince.get(watched.key) ?? now) >= ROOM_MS);
  return { asks: asks.slice(0, 1), memory };
}

/** By how much what runs is more than there is. Whoever is asked counts as having done it, until it is known. */
function excessBps(running: readonly RunningStream[], { budget, runningBps }: AskInput['decision']): number {
  if (budget === null) return 0;
  const saved = running
    .filter(({ followed }) => followed.state === 'asked' && followed.ask?.kind !== 'lift')
    .reduce((sum, one) => sum + aboveLimit(one), 0);
  return runningBps - budget.viewersBps - saved;
}

const aboveLimit = ({ watched, limit }: RunningStream): number =>
  Math.max(0, (rateOf(watched) ?? 0) - (limit?.bps ?? Number.POSITIVE_INFINITY));

/** The furthest above its limit first, until what runs fits; a limit that is not written yet is waited for. */
function lowerEnough(input: AskInput, over: number): readonly PlannedAsk[] {
  const caps = new Map(input.decision.viewers.map(({ key, capBps }) => [key, capBps]));
  const open = input.running
    .filter((one) => (one.followed.state === 'pending' || one.followed.refused) && mayAsk(input, one))
    .filter((one) => aboveLimit(one) > 0)
    // Where there is no cap of ours, the user's own limit is tighter, and it stands.
    .filter(({ watched, limit }) => limit !== null && limit.bps <= (caps.get(watched.viewer) ?? limit.bps))
    .sort((a, b) => aboveLimit(b) - aboveLimit(a));
  const chosen: PlannedAsk[] = [];
  const viewers = new Set<string>();
  let left = over;
  for (const running of open) {
    const kind = wayOf(running, input.settings);
    if (left <= 0 || kind === null || viewers.has(running.watched.viewer)) continue;
    viewers.add(running.watched.viewer);
    left -= aboveLimit(running);
    chosen.push({ kind, running, limitBps: running.limit?.bps ?? 0, rateBps: rateOf(running.watched) ?? 0 });
  }
  return chosen;
}

/** To be begun anew is for those only that cannot negotiate, or did not. */
function wayOf({ watched, followed }: RunningStream, { runningStreams }: AskInput['settings']): 'lower' | 'replay' | null {
  const { skills } = watched.stream;
  if (skills?.renegotiates === true && !followed.refused) return 'lower';
  return runningStreams === 'restart' && skills?.replays === true && !followed.replayed ? 'replay' : null;
}

function liftable(input: AskInput): readonly PlannedAsk[] {
  const room = input.decision.budget?.newStreamBps ?? Number.POSITIVE_INFINITY;
  return input.running.flatMap((running): readonly PlannedAsk[] => {
    const { watched, followed, limit } = running;
    const [rate, nominal] = [rateOf(watched), watched.stream.nominalBps];
    if (!followed.lowered || followed.state === 'asked' || limit === null || rate === null || nominal === null) return [];
    const target = Math.min(limit.bps, nominal);
    const isWorth = target >= nominal || target >= rate * WORTHWHILE;
    if (!isWorth || target - rate > room || !mayAsk(input, running) || watched.stream.skills?.renegotiates !== true) return [];
    return [{ kind: 'lift', running, limitBps: limit.bps, rateBps: rate }];
  });
}

/** Only players that were tried, and that play: a paused one would begin to. */
function mayAsk({ now, settings, isDue }: AskInput, { watched, followed }: RunningStream): boolean {
  const { stream, viewer, cutOff, counts } = watched;
  const listed = settings.renegotiateClients.some((name) => name.toLowerCase() === stream.client.toLowerCase());
  // What begins negotiates by itself, and its list entry is not to be believed yet.
  const settled = now - followed.begunAt >= UNSURE_MS;
  return settled && listed && counts && !cutOff && !stream.paused && stream.kind === 'video' && isDue(viewer);
}

// What is kept and said of a decision: one log line, one row and one event each time it changed, with its inputs and its reason.
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BandwidthEvent } from './bandwidth-event.ts';
import type { Decision, DecisionInput, TorrentCap, ViewerCap } from './decision.ts';
import type { DecisionStore } from './decision-store.ts';

export type Recording = {
  readonly before: Decision | null;
  readonly decision: Decision;
  readonly input: DecisionInput;
  readonly utcNow: number;
  readonly id: () => string;
  readonly store: Pick<DecisionStore, 'add'>;
  /** What is kept beside the line, so that each cap can be explained later. */
  readonly numbers: () => string;
  readonly log: Log;
  readonly tell: (event: BandwidthEvent) => void;
};

/** True where something that is shown changed: the mode, a cap, or who is counted. */
export function recordDecision({ before, decision, input, utcNow, id, store, numbers, log, tell }: Recording): boolean {
  if (before !== null && fingerprint(before) === fingerprint(decision)) return false;
  // Each client that is heard of after the start would else repeat the line.
  if (before !== null && fingerprint(limiting(before)) === fingerprint(limiting(decision))) return true;
  const detail = detailOf(decision, input);
  log.info({ mode: decision.mode, dry_run: input.settings.dryRun, ...detail }, decision.reason);
  store
    .add({ id: id(), at: utcNow, mode: decision.mode, reason: decision.reason, detail: { ...detail, numbers: numbers() } })
    .catch((error: unknown) => log.error({ error: messageOf(error) }, 'decision not recorded'));
  if (before !== null && before.mode !== decision.mode) tell(modeEvent(before, decision));
  return true;
}

/** Without the clients that are as their users had them. */
const limiting = (decision: Decision): Decision => ({
  ...decision,
  torrents: decision.torrents.filter(({ capBps }) => capBps !== null),
  downloads: decision.downloads.filter(({ capBps }) => capBps !== null),
});

const fingerprint = ({
  mode,
  viewers,
  torrents,
  downloads,
  pausedClients,
  counted,
  stale,
  overCommitmentBps,
}: Decision): string =>
  JSON.stringify([
    mode,
    counted,
    stale,
    overCommitmentBps > 0,
    viewers.map(({ key, capBps }) => [key, capBps]),
    [...torrents, ...downloads].map(({ client, mode: speed, capBps }) => [client, speed, coarse(capBps)]),
    pausedClients,
  ]);

/** Torrent limits follow the traffic; a new line is worth it from a quarter of a megabit on. */
const coarse = (bps: number | null): number | null => (bps === null ? null : Math.round(bps / 250_000));

function detailOf(decision: Decision, input: DecisionInput): Record<string, unknown> {
  const { viewers, torrents, downloads, pausedClients, budget, runningBps, counted } = decision;
  const standingBps = usualCap(viewers);
  const apart = viewers.filter(({ streams, capBps }) => streams > 0 || capBps !== standingBps);
  return {
    algorithm: input.settings.algorithm,
    capacity_bps: input.capacityUpBps,
    reserve_bps: budget?.reserveBps ?? null,
    other_bps: input.otherBps,
    capacity_down_bps: input.capacityDownBps,
    other_down_bps: input.otherDownBps,
    router_silent_ms: input.routerSilentMs === null ? null : Math.round(input.routerSilentMs),
    remote_streams: counted,
    running_bps: runningBps,
    standing_cap_bps: standingBps,
    viewers: Object.fromEntries(apart.map(({ server, name, capBps }) => [`${server}/${name}`, capBps])),
    torrents: limitsOf(torrents),
    downloads: limitsOf(downloads),
    paused: pausedClients,
  };
}

const limitsOf = (caps: readonly TorrentCap[]): Record<string, number | null> =>
  Object.fromEntries(
    caps.filter(({ capBps }) => capBps !== null).map(({ client, mode, capBps }) => [`${client}/${mode}`, capBps]),
  );

/** The cap that most idle users carry: said once, so that a line about a hundred users stays a line. Null where it is none. */
function usualCap(viewers: readonly ViewerCap[]): number | null {
  const groups = Map.groupBy(
    viewers.filter(({ streams }) => streams === 0).map(({ capBps }) => capBps),
    (capBps) => capBps,
  );
  return [...groups].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
}

function modeEvent(before: Decision, { mode, reason }: Decision): BandwidthEvent {
  const details = { from: before.mode, to: mode };
  if (mode === 'safe') return { type: 'safe_plan', severity: 'warning', text: reason, details };
  if (before.mode === 'safe') return { type: 'safe_plan_over', severity: 'info', text: reason, details };
  return { type: 'caps_changed', severity: 'info', text: reason, details };
}

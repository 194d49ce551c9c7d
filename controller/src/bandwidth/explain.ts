// Pure: the reason of a decision, in one sentence for a person.
import type { DecisionInput, Mode } from './decision.ts';
import type { UplinkBudget } from './uplink-budget.ts';

export type Facts = {
  readonly mode: Mode;
  readonly budget: UplinkBudget | null;
  readonly runningBps: number;
  readonly counted: number;
  readonly overCommitmentBps: number;
  readonly stale: boolean;
  readonly downloadTotalBps: number | null;
  readonly pausedClients: readonly string[];
};

export function explain(
  { mode, budget, runningBps, counted, overCommitmentBps, stale, downloadTotalBps, pausedClients }: Facts,
  { settings, routerSilentMs, serverLost, capacityUpBps }: DecisionInput,
): string {
  const streams = `${counted} remote stream${counted === 1 ? '' : 's'}`;
  const stopped = pausedClients.length > 0 ? ` Stopped for now: ${pausedClients.join(', ')}.` : '';
  const fetched = downloadTotalBps === null ? '' : ` Downloads are kept to ${mbit(downloadTotalBps)}.`;
  if (mode === 'off') return 'Switched off: everything is as its user had it.';
  if (mode === 'unknown') {
    const why =
      settings.capacityUpBps === null
        ? 'The upload capacity is not known: no router agent with SQM was heard and uplink.upload is not set.'
        : 'What else is sent is not known yet: the router is waited for, 10 s at most.';
    return `${why} Only limits that were typed in hold.`;
  }
  if (mode === 'safe') {
    const why = serverLost
      ? 'a media server has been silent for 15 min'
      : capacityUpBps === null
        ? 'the capacity is no longer known'
        : `the router has been silent for ${Math.round((routerSilentMs ?? 0) / 1000)} s`;
    return `Safe plan, since ${why}: viewers keep their caps, new ones get ${mbit(settings.minPerViewerBps)}, torrents ${mbit(settings.torrentFloorBps)}.${fetched}${stopped}`;
  }
  if (budget === null) return '';
  const sum = `${mbit(budget.capacityBps)} less ${mbit(budget.reserveBps)} reserve and ${mbit(budget.otherBps)} other traffic leaves ${mbit(budget.viewersBps)} for viewers`;
  const doubt = stale
    ? ` The router has been silent for ${Math.round((routerSilentMs ?? 0) / 1000)} s: its last word is fading.`
    : routerSilentMs === null
      ? ' No router agent: other traffic is not known.'
      : '';
  const short =
    overCommitmentBps > 0 ? ` The minimum per viewer does not fit: ${mbit(overCommitmentBps)} more than there is.` : '';
  return mode === 'idle'
    ? `Nobody watches from outside: ${sum}.${fetched}${stopped}${doubt}`
    : `${streams} ${counted === 1 ? 'draws' : 'draw'} ${mbit(runningBps)}: ${sum}.${short}${fetched}${stopped}${doubt}`;
}

const mbit = (bps: number): string => `${(bps / 1_000_000).toFixed(1)} Mbit/s`;

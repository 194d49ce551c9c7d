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
};

export function explain(
  { mode, budget, runningBps, counted, overCommitmentBps, stale }: Facts,
  { settings, routerSilentMs, serverLost, capacityUpBps }: DecisionInput,
): string {
  const streams = `${counted} remote stream${counted === 1 ? '' : 's'}`;
  if (mode === 'off') return 'Switched off: everything is as its user had it.';
  if (mode === 'unknown')
    return 'The upload capacity is not known: no router agent with SQM was heard and uplink.upload is not set.';
  if (mode === 'safe') {
    const why = serverLost
      ? 'a media server has been silent for 15 min'
      : capacityUpBps === null
        ? 'the capacity is no longer known'
        : `the router has been silent for ${Math.round((routerSilentMs ?? 0) / 1000)} s`;
    return `Safe plan, since ${why}: viewers keep their caps, new ones get ${mbit(settings.minPerViewerBps)}, torrents ${mbit(settings.torrentFloorBps)}.`;
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
    ? `Nobody watches from outside: ${sum}.${doubt}`
    : `${streams} ${counted === 1 ? 'draws' : 'draw'} ${mbit(runningBps)}: ${sum}.${short}${doubt}`;
}

const mbit = (bps: number): string => `${(bps / 1_000_000).toFixed(1)} Mbit/s`;

// Pure: the reason of a decision, in one sentence for a person.

import type { DecisionInput, Mode } from './decision.ts';
import type { UplinkBudget } from './line/uplink-budget.ts';
import { mbitOf } from './rate-words.ts';

export type Facts = {
  readonly mode: Mode;
  readonly budget: UplinkBudget | null;
  readonly runningBps: number;
  readonly torrentTotalBps: number | null;
  readonly counted: number;
  readonly overCommitmentBps: number;
  readonly stale: boolean;
  readonly downloadTotalBps: number | null;
  readonly pausedClients: readonly string[];
};

export function explain(facts: Facts, input: DecisionInput): string {
  const { settings, streams, routerSilentMs, serverLost, capacityUpBps } = input;
  const { mode, budget, runningBps, counted, overCommitmentBps, stale, downloadTotalBps, pausedClients } = facts;
  const stopped = pausedClients.length > 0 ? ` Stopped for now: ${pausedClients.join(', ')}.` : '';
  const fetched = downloadTotalBps === null ? '' : ` Downloads are kept to ${mbitOf(downloadTotalBps)}.`;
  const ruled = settings.rule === null ? '' : ` Rule "${settings.rule}" holds.`;
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
    return `Safe plan, since ${why}: viewers keep their caps, new ones get ${mbitOf(settings.minPerViewerBps)}, torrents ${mbitOf(settings.torrentFloorBps)}.${fetched}${stopped}${ruled}`;
  }
  if (budget === null) return '';
  const sum = `${mbitOf(budget.capacityBps)} less ${mbitOf(budget.reserveBps)} reserve and ${mbitOf(budget.otherBps)} other traffic leaves ${mbitOf(budget.viewersBps)} for viewers`;
  const doubt = stale
    ? ` The router has been silent for ${Math.round((routerSilentMs ?? 0) / 1000)} s: its last word is fading.`
    : routerSilentMs === null
      ? ' No router agent: other traffic is not known.'
      : '';
  const short =
    overCommitmentBps > 0 ? ` The minimum per viewer does not fit: ${mbitOf(overCommitmentBps)} more than there is.` : '';
  return mode === 'idle'
    ? `Nobody watches from outside: ${sum}.${fetched}${stopped}${doubt}${ruled}`
    : `${whoDraws(counted, streams)} ${mbitOf(runningBps)}${reservedOf(streams)}: ${sum}.${fullLine(input)}${short}${sent(facts)}${fetched}${stopped}${doubt}${ruled}`;
}

const fullLine = ({ rush }: DecisionInput): string =>
  rush?.isNow ? ` The line is saturated: others send ${mbitOf(rush.bps)} at this moment.` : '';

const sent = ({ torrentTotalBps }: Facts): string =>
  torrentTotalBps === null ? '' : ` Torrents are kept to ${mbitOf(torrentTotalBps)}.`;

function whoDraws(counted: number, streams: DecisionInput['streams']): string {
  if (counted === 0) return 'The last remote viewer has left, and limits are held for a moment: 0 remote streams draw';
  const servers = [...new Set(streams.filter(({ counts }) => counts).map(({ server }) => server))];
  const where = servers.length > 0 ? ` at ${servers.join(' and ')}` : '';
  return counted === 1 ? `1 remote stream${where} draws` : `${counted} remote streams${where} draw`;
}

/** Plex's own word for a stream is more than flows, so a person who compares it with the line must know whose it is. */
function reservedOf(streams: DecisionInput['streams']): string {
  const reserved = streams.filter(({ counts, demand }) => counts && demand.from === 'reservation');
  const bps = reserved.reduce((sum, { demand }) => sum + demand.bps, 0);
  return bps === 0 ? '' : ` (${mbitOf(bps)} of it as Plex reserves)`;
}

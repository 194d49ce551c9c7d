// Pure: which numbers led to one download client's limits, as numbers and as sentences for a person.
import type { SideNumbers } from './client-numbers.ts';
import type { DecisionNumbers } from './decision-numbers.ts';
import { mbit, momentOf, uplinkWords } from './uplink-words.ts';

export type SideExplanation = {
  /** Null: as its user had it. bit/s */
  readonly capBps: number | null;
  readonly usedBps: number;
  readonly weight: number;
  readonly busy: boolean;
  readonly ceilingBps: number | null;
  readonly fixedBps: number | null;
  readonly idleBps: number | null;
  /** For all clients together; null is no limit. */
  readonly wantedTotalBps: number | null;
  readonly totalBps: number | null;
  readonly risesAt: number | null;
  readonly risesToBps: number | null;
  /** With whom it shares that, itself included. */
  readonly shares: SideNumbers['clients'];
};

export type ClientExplanation = {
  readonly client: string;
  /** Null where it has no such limit. */
  readonly upload: SideExplanation | null;
  readonly download: SideExplanation | null;
  readonly paused: boolean;
  readonly share: 'activity' | 'fixed';
  readonly sentences: readonly string[];
};

/** Null where no such client was known. */
export function explainClient(numbers: DecisionNumbers, name: string): ClientExplanation | null {
  const { up, down, paused, share } = numbers.clients;
  const [upload, download] = [sideOf(up, name), sideOf(down, name)];
  if (upload === null && download === null) return null;
  const facts = { client: name, upload, download, paused: paused.includes(name), share };
  return { ...facts, sentences: sentencesOf(numbers, facts) };
}

function sideOf({ total, clients }: SideNumbers, name: string): SideExplanation | null {
  const own = clients.find(({ client }) => client === name);
  if (own === undefined) return null;
  return {
    ...{ capBps: own.cap, usedBps: own.used, weight: own.weight, busy: own.busy },
    ...{ ceilingBps: own.ceiling ?? null, fixedBps: own.fixed ?? null, idleBps: own.idle ?? null },
    ...{ wantedTotalBps: total?.wanted ?? null, totalBps: total?.inForce ?? null },
    ...{ risesAt: total?.risesAt ?? null, risesToBps: total?.risesTo ?? null },
    shares: clients,
  };
}

function sentencesOf(numbers: DecisionNumbers, facts: Omit<ClientExplanation, 'sentences'>): readonly string[] {
  const { mode, budget, running, settings } = numbers;
  if (mode === 'off') return ['Headgate is switched off: every limit is as its owner set it.'];
  const left =
    budget === null ? [] : [`${mbit(running)} of that run, which leaves ${mbit(budget.torrents)} for download clients to send.`];
  return [
    ...(mode === 'unknown'
      ? ['The upload capacity is not known: only limits that were typed in hold.']
      : [...uplinkWords(numbers), ...left]),
    ...(facts.upload === null ? ['It sends nothing that could be limited.'] : sideWords('sends', facts.upload, facts)),
    ...(facts.download === null ? [] : sideWords('fetches', facts.download, facts)),
    ...(facts.paused
      ? [`It is stopped: less than ${mbit(numbers.clients.pauseBelow ?? 0)} is left (torrents.pause_below).`]
      : []),
    ...(settings.dryRun ? ['It is a dry run: none of it is set at the client.'] : []),
  ];
}

function sideWords(
  does: 'sends' | 'fetches',
  side: SideExplanation,
  { share }: Pick<ClientExplanation, 'share'>,
): readonly string[] {
  const { totalBps, fixedBps, idleBps, ceilingBps, capBps, shares, busy, weight } = side;
  const sums = shares.reduce((sum, one) => sum + one.weight, 0);
  const rest = share === 'activity' ? ` It counts as ${busy ? 'busy' : 'at rest'}.` : '';
  const shared =
    totalBps === null
      ? [`What it ${does} is not shared now.`]
      : fixedBps !== null
        ? [`A fixed limit of ${mbit(fixedBps)} is set for it while somebody watches.`]
        : [`All clients together have ${mbit(totalBps)}; it weighs ${weight} of ${sums}.${rest}`];
  const idle =
    totalBps === null && idleBps !== null ? [`A fixed limit of ${mbit(idleBps)} is set for it while nobody watches.`] : [];
  const own = ceilingBps === null ? [] : [`Its user's own limit is ${mbit(ceilingBps)}.`];
  return [
    ...shared,
    ...riseWords(side),
    ...idle,
    ...own,
    capBps === null ? `So what it ${does} is as its user had it.` : `So what it ${does} is kept to ${mbit(capBps)}.`,
  ];
}

function riseWords({ totalBps, risesAt, risesToBps }: SideExplanation): readonly string[] {
  if (risesAt === null) return [];
  const then = risesToBps === null ? 'no limit' : mbit(risesToBps);
  return [
    `That rises no faster than restore_after allows: ${totalBps === null ? 'no limit' : mbit(totalBps)} until ${momentOf(risesAt)}, then ${then}.`,
  ];
}

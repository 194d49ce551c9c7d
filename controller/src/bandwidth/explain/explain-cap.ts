// Pure: which numbers led to one viewer's cap, as numbers and as sentences for a person.
import type { DecisionNumbers, ViewerNumbers } from './decision-numbers.ts';
import { mbit, momentOf, uplinkWords } from './uplink-words.ts';

export type CapExplanation = {
  readonly viewer: string;
  /** bit/s for each of their streams; null is "as the user had it". */
  readonly capBps: number | null;
  readonly why: string;
  /** What the media server really applies, and whose that is; null where nothing limits them. */
  readonly effective: { readonly bps: number; readonly from: 'headgate' | 'user' | 'server' } | null;
  /** What the cap was made from. */
  readonly basis: 'share' | 'standing' | 'boost' | 'safe' | 'none';
  readonly class: string;
  readonly minBps: number;
  readonly maxBps: number;
  /** Before holds and the owner's limit; null is no limit. */
  readonly wantedBps: number | null;
  readonly inForceBps: number | null;
  /** UTC ms; null where nothing waits to rise. */
  readonly risesAt: number | null;
  readonly risesToBps: number | null;
  /** The limit without Headgate. */
  readonly ceiling: { readonly bps: number; readonly from: 'user' | 'server' } | null;
  readonly boost: { readonly bps: number | null; readonly until: number } | null;
  readonly sentences: readonly string[];
};

/** Who does not stand apart is as everybody else. Null where nobody of that name can have been there. */
export function explainCap(numbers: DecisionNumbers, name: string): CapExplanation | null {
  const own = numbers.viewers[name];
  const viewer = own ?? numbers.standing;
  if (viewer === null) return null;
  const { settings } = numbers;
  const facts = {
    viewer: name,
    capBps: viewer.cap,
    why: viewer.why,
    basis: basisOf(numbers, viewer),
    class: viewer.class ?? settings.class,
    minBps: viewer.min ?? settings.min,
    maxBps: viewer.max ?? settings.max,
    wantedBps: viewer.held?.wanted ?? null,
    inForceBps: viewer.held?.inForce ?? null,
    risesAt: viewer.held?.risesAt ?? null,
    risesToBps: viewer.held?.risesTo ?? null,
    ceiling:
      viewer.ceiling === undefined
        ? null
        : { bps: viewer.ceiling, from: viewer.ceilingFrom === 'server' ? ('server' as const) : ('user' as const) },
    boost: viewer.boost ?? null,
  };
  const isEligible = viewer.eligible !== false;
  const effective = facts.capBps !== null && !settings.dryRun ? { bps: facts.capBps, from: 'headgate' as const } : facts.ceiling;
  return { ...facts, effective, sentences: sentencesOf(numbers, { ...facts, effective, isEligible }) };
}

function basisOf({ mode, settings }: DecisionNumbers, { why, boost, bound, held }: ViewerNumbers): CapExplanation['basis'] {
  if (mode === 'off' || mode === 'unknown' || why === 'exempt' || held === undefined) return 'none';
  if (mode === 'safe') return 'safe';
  if (bound !== undefined) return 'share';
  if (boost) return 'boost';
  return settings.apply === 'active' ? 'none' : 'standing';
}

type Facts = Omit<CapExplanation, 'sentences'> & { readonly isEligible: boolean };

function sentencesOf(numbers: DecisionNumbers, facts: Facts): readonly string[] {
  const { mode, settings } = numbers;
  if (mode === 'off') return ['Headgate is switched off: every limit is as its owner set it.', ...ownerWords(facts)];
  if (mode === 'unknown') return ['The upload capacity is not known yet, so nobody is capped.', ...ownerWords(facts)];
  return [
    ...uplinkWords(numbers),
    ...basisWords(numbers, facts),
    ...holdWords(numbers, facts),
    ...ceilingWords(facts),
    facts.capBps === null
      ? 'So Headgate sets no cap for them.'
      : `So the cap is ${mbit(facts.capBps)} for each of their streams.`,
    ...(settings.dryRun ? ['It is a dry run: none of it is set at the media server.'] : []),
    ...ownerWords(facts),
  ];
}

function basisWords(numbers: DecisionNumbers, facts: Facts): readonly string[] {
  const { settings } = numbers;
  const { viewer, basis, minBps, maxBps, wantedBps } = facts;
  const within = `in whole steps of ${mbit(settings.step)}, between ${mbit(minBps)} and ${mbit(maxBps)}`;
  const boosted = boostWords(facts);
  switch (basis) {
    case 'share': {
      const own = numbers.streams.filter(([name]) => name === viewer);
      const asks = own.map(([, , , wish]) => mbit(wish)).join(' and ');
      const weight = settings.algorithm === 'priority' ? ` As ${facts.class} they weigh ${own[0]?.[5] ?? 1}.` : '';
      return [
        ...boosted,
        own.length === 0
          ? `${viewer} watches; what was not kept.`
          : `${viewer} watches ${own.length === 1 ? 'one stream' : `${own.length} streams`} that would take ${asks}.${weight}`,
        ...overheadWords(own),
        ...othersBoosted(numbers, viewer),
        `The algorithm ${settings.algorithm} gives each of their streams ${mbitOrNone(wantedBps)}, ${within}.`,
        ...(numbers.shortBy > 0 ? [`The minimum of everybody does not fit: ${mbit(numbers.shortBy)} more than there is.`] : []),
      ];
    }
    case 'boost':
      return [
        ...boosted,
        `They do not watch now; a stream that started now could have ${mbit(numbers.budget?.newStream ?? 0)} beside those that run, which makes ${mbitOrNone(wantedBps)}.`,
      ];
    case 'standing':
      return [
        `${viewer} has no stream that a cap binds now; one that started now could have ${mbit(numbers.budget?.newStream ?? 0)} beside those that run, which makes ${mbitOrNone(wantedBps)}: ${within}.`,
      ];
    case 'safe':
      return [
        facts.why === 'minimum'
          ? `The safe plan holds: who is new, or had no cap before, gets the minimum of ${mbit(minBps)}.`
          : 'The safe plan holds: what was in force before it stays.',
      ];
    default:
      return [noneWords(numbers, facts)];
  }
}

function noneWords({ mode }: DecisionNumbers, { viewer, why, isEligible }: Facts): string {
  if (why === 'exempt') return `${viewer} is exempt by the configuration.`;
  if (!isEligible) return `${viewer} may not watch from outside, is disabled, or is not behind this uplink.`;
  return mode === 'safe'
    ? 'The safe plan holds: what was in force before it stays, and that was no cap.'
    : `${viewer} has no stream that a cap binds, and only who streams is capped (apply: active).`;
}

function boostWords({ boost }: Facts): readonly string[] {
  if (boost === null) return [];
  return [
    `They are boosted until ${momentOf(boost.until)}, to ${boost.bps === null ? 'the largest cap that fits' : `${mbit(boost.bps)} at most`}.`,
  ];
}

/** A cap is what the player is told; the line carries more. */
function overheadWords(own: DecisionNumbers['streams']): readonly string[] {
  const most = Math.max(1, ...own.map(([, demand, , , , , , , wire]) => (demand > 0 ? wire / demand : 1)));
  return most <= 1
    ? []
    : [`Players like theirs draw ${most.toFixed(2)} times what they are told, so their cap is that much less than their share.`];
}

function othersBoosted({ boosts, streams }: DecisionNumbers, viewer: string): readonly string[] {
  const first = boosts.map(([name]) => name).filter((name) => name !== viewer && streams.some(([watching]) => watching === name));
  return first.length === 0 ? [] : [`Who is boosted comes first: ${first.join(', ')}.`];
}

function holdWords({ settings }: DecisionNumbers, { inForceBps, risesAt, risesToBps }: Facts): readonly string[] {
  if (risesAt === null) return [];
  return [
    `A cap falls at once and rises after ${Math.round(settings.restoreAfterMs / 1_000)} s (restore_after): ${mbitOrNone(inForceBps)} stays until ${momentOf(risesAt)}, then ${mbitOrNone(risesToBps)}.`,
  ];
}

function ceilingWords({ ceiling, inForceBps, why }: Facts): readonly string[] {
  if (ceiling === null || why !== 'ceiling') return [];
  const whose = ceiling.from === 'user' ? "The user's own limit" : "The server's limit for everybody";
  return [`${whose} of ${mbit(ceiling.bps)} is as tight as ${mbitOrNone(inForceBps)} or tighter, so it stays as it is.`];
}

/** What holds without us. A user's 0 is no "unlimited" at Jellyfin: it falls through to the server's limit. */
function ownerWords({ ceiling, effective }: Facts): readonly string[] {
  if (effective?.from === 'headgate') return [];
  if (ceiling === null) return ['Neither the user nor the server has a limit, so nothing limits them.'];
  return [
    ceiling.from === 'user'
      ? `The user's own limit of ${mbit(ceiling.bps)} holds.`
      : `The user has no limit of their own, so the server's limit for everybody holds: ${mbit(ceiling.bps)}.`,
  ];
}

const mbitOrNone = (bps: number | null): string => (bps === null ? 'no limit' : mbit(bps));

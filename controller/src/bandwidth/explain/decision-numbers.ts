// Pure: the numbers behind a decision, as they are kept with it: enough to compute each cap anew, and bounded.
import { z } from 'zod';
import { claimOf, isBound, limitsOf, mayCap, viewerSettings } from '../decide-caps.ts';
import type { Decision, DecisionInput, DecisionMemory, ViewerCap, ViewerInput } from '../decision.ts';
import type { Hold } from '../hold-release.ts';
import { type ClientNumbers, clientNumbers, clientNumbersOf } from './client-numbers.ts';
import { type Held, held, heldOf } from './held-numbers.ts';

/** A house with more viewers at a time has its others told as a number. */
const MOST_NAMED = 60;

const stream = z.tuple([
  z.string().describe('server/user'),
  z.number().describe('its rate, bit/s'),
  z.string().describe('where that is from'),
  z.number().describe('what it would take without limits, bit/s'),
  z.union([z.literal(0), z.literal(1)]).describe('1: a cap binds it'),
  z.number().describe('weight'),
  z.number().describe('min, bit/s'),
  z.number().describe('max, bit/s'),
  z.number().describe('what it draws of the line, bit/s'),
]);

const viewer = z.object({
  cap: z.number().nullable(),
  why: z.string(),
  /** How many of their streams a cap binds; absent where none. */
  bound: z.number().optional(),
  /** False: may not watch from outside, is disabled, or is behind another line. Else absent. */
  eligible: z.literal(false).optional(),
  /** Absent: what stands for everybody. */
  min: z.number().optional(),
  max: z.number().optional(),
  class: z.string().optional(),
  /** What the owner allows: absent where there is no limit. */
  ceiling: z.number().optional(),
  ceilingFrom: z.string().optional(),
  boost: z.object({ bps: z.number().nullable(), until: z.number() }).optional(),
  held: held.optional(),
});
export type ViewerNumbers = z.infer<typeof viewer>;

export const decisionNumbers = z.object({
  mode: z.string(),
  /** The first after a start: what was before it was another run's. */
  first: z.boolean(),
  settings: z.object({
    rule: z.string().nullable(),
    dryRun: z.boolean(),
    algorithm: z.string(),
    apply: z.string(),
    min: z.number(),
    max: z.number(),
    step: z.number(),
    class: z.string(),
    restoreAfterMs: z.number(),
    reserve: z.union([z.object({ percent: z.number() }), z.object({ bps: z.number() })]),
  }),
  capacityFrom: z.enum(['operator', 'router']).nullable(),
  budget: z
    .object({
      capacity: z.number(),
      reserve: z.number(),
      other: z.number(),
      floor: z.number(),
      viewers: z.number(),
      newStream: z.number(),
      torrents: z.number(),
    })
    .nullable(),
  otherKnown: z.boolean(),
  /** What others send at the moment, where the line is full; absent where it is not. */
  full: z.number().optional(),
  silentMs: z.number().nullable(),
  running: z.number(),
  /** Of streams that no cap binds. */
  unbound: z.number(),
  shortBy: z.number(),
  streams: z.array(stream),
  moreStreams: z.number(),
  /** Who comes first, by `server/user`. */
  boosts: z.array(z.tuple([z.string(), z.number().nullable(), z.number().describe('UTC ms of its end')])),
  /** Who watches, or whose cap or limits are not those of the others, by `server/user`. */
  viewers: z.record(z.string(), viewer),
  moreViewers: z.number(),
  /** Of everybody else; null where there is nobody else. */
  standing: viewer.nullable(),
  clients: clientNumbers,
});
export type DecisionNumbers = z.infer<typeof decisionNumbers> & { readonly clients: ClientNumbers };

export type Decided = {
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly memory: DecisionMemory;
  readonly isFirst: boolean;
};

/** @param focus `server/user` that is to be among those who are named, whoever else is */
export function numbersOf({ input, decision, memory, isFirst }: Decided, focus: string | null = null): DecisionNumbers {
  const { settings } = input;
  const acted = memory.phase.phase === 'streaming' ? input.streams.filter(({ counts }) => counts) : [];
  const inputs = new Map(input.viewers.map((one) => [one.key, one]));
  const streams = acted.map((one) => {
    const owner = inputs.get(one.viewer);
    const binds = isBound(one) && owner !== undefined && mayCap(owner, input);
    const claim = owner ? claimOf(one, owner, input) : { weight: 1, demandBps: one.demand.bps, minBps: 0, maxBps: 0 };
    const name = `${one.server}/${owner?.name ?? one.stream.userName}`;
    const { demandBps: wish, weight, minBps, maxBps } = claim;
    return [name, one.demand.bps, one.demand.from, wish, binds ? 1 : 0, weight, minBps, maxBps, one.wireBps] as z.infer<
      typeof stream
    >;
  });
  const bound = Map.groupBy(
    streams.filter(([, , , , binds]) => binds === 1),
    ([name]) => name,
  );
  const { named, moreViewers, standing } = viewersOf({ input, decision, memory, isFirst }, { inputs, bound, focus });
  return {
    mode: decision.mode,
    first: isFirst,
    settings: {
      ...{ rule: settings.rule, dryRun: settings.dryRun, algorithm: settings.algorithm, apply: settings.apply },
      ...{ min: settings.minPerViewerBps, max: settings.maxPerViewerBps, step: settings.stepBps, class: settings.defaultClass },
      ...{ restoreAfterMs: settings.restoreAfterMs, reserve: settings.reserve },
    },
    capacityFrom: input.capacityUpBps === null ? null : settings.capacityUpBps === input.capacityUpBps ? 'operator' : 'router',
    budget: budgetOf(decision),
    otherKnown: input.otherBps !== null,
    ...(input.rush?.isNow ? { full: input.rush.bps } : {}),
    silentMs: input.routerSilentMs === null ? null : Math.round(input.routerSilentMs),
    running: decision.runningBps,
    unbound: streams.reduce((sum, [, , , , binds, , , , wire]) => sum + (binds === 1 ? 0 : wire), 0),
    shortBy: decision.overCommitmentBps,
    streams: streams.toSorted(([a], [b]) => Number(b in named) - Number(a in named)).slice(0, MOST_NAMED),
    moreStreams: Math.max(0, streams.length - MOST_NAMED),
    boosts: input.boosts
      .filter(({ until }) => until > input.utcNow)
      .slice(0, MOST_NAMED)
      .map(({ viewer: key, bps, until }) => [nameOf(inputs.get(key)) ?? key, bps, until]),
    viewers: named,
    moreViewers,
    standing,
    clients: clientNumbersOf({ input, decision, memory }),
  };
}

function budgetOf({ budget }: Decision): DecisionNumbers['budget'] {
  if (budget === null) return null;
  const { capacityBps, reserveBps, otherBps, viewersBps, newStreamBps, torrentsBps, torrentFloorBps } = budget;
  return {
    ...{ capacity: capacityBps, reserve: reserveBps, other: otherBps, floor: torrentFloorBps },
    ...{ viewers: viewersBps, newStream: newStreamBps, torrents: torrentsBps },
  };
}

const nameOf = (one: ViewerInput | undefined): string | null => (one === undefined ? null : `${one.server}/${one.name}`);

type Inputs = ReadonlyMap<string, ViewerInput>;

/** `bound`: streams that a cap binds, by `server/user`. */
type Around = {
  readonly inputs: Inputs;
  readonly bound: ReadonlyMap<string, readonly unknown[]>;
  readonly focus: string | null;
};

/** Whoever watches comes first; of those alike at rest one is told for all. */
function viewersOf(decided: Decided, { inputs, bound, focus }: Around) {
  const all = decided.decision.viewers.map((cap) => ({
    name: `${cap.server}/${cap.name}`,
    cap,
    numbers: {
      ...viewerOf(cap, decided, inputs),
      ...boundOf(bound.get(`${cap.server}/${cap.name}`)?.length ?? 0),
    },
  }));
  const resting = Map.groupBy(
    all.filter(({ cap }) => cap.streams === 0),
    ({ numbers }) => JSON.stringify(numbers),
  );
  const usual = [...resting.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  const alike = new Set(usual.map(({ name }) => name).filter((name) => name !== focus));
  const rank = ({ name, cap }: (typeof all)[number]): number => (name === focus ? Number.POSITIVE_INFINITY : cap.streams);
  const apart = all.filter(({ name }) => !alike.has(name)).sort((a, b) => rank(b) - rank(a));
  return {
    named: Object.fromEntries(apart.slice(0, MOST_NAMED).map(({ name, numbers }) => [name, numbers])),
    moreViewers: Math.max(0, apart.length - MOST_NAMED),
    standing: usual[0]?.numbers ?? null,
  };
}

const boundOf = (count: number) => (count === 0 ? {} : { bound: count });

function viewerOf({ key, capBps, why }: ViewerCap, { input, memory }: Decided, inputs: Inputs): ViewerNumbers {
  const one = inputs.get(key);
  const { settings } = input;
  const own = one ? viewerSettings(one, settings) : undefined;
  const limits = one ? limitsOf(one, settings) : null;
  const boost = input.boosts.find(({ viewer: raised, until }) => raised === key && until > input.utcNow);
  const hold: Hold | undefined = memory.holds.get(key);
  const ceiling = one?.ceilingBps ?? Number.POSITIVE_INFINITY;
  const ofHold: Held | null = hold ? heldOf(hold, input, boost ? 0 : settings.restoreAfterMs) : null;
  return {
    cap: capBps,
    why,
    ...(one?.eligible === false ? { eligible: false as const } : {}),
    ...(limits === null || limits.minBps === settings.minPerViewerBps ? {} : { min: limits.minBps }),
    ...(limits === null || limits.maxBps === settings.maxPerViewerBps ? {} : { max: limits.maxBps }),
    ...(own?.class === undefined || own.class === settings.defaultClass ? {} : { class: own.class }),
    ...(ceiling === Number.POSITIVE_INFINITY ? {} : { ceiling }),
    ...(ceiling === Number.POSITIVE_INFINITY || one?.ceilingFrom === undefined ? {} : { ceilingFrom: one.ceilingFrom }),
    ...(boost ? { boost: { bps: boost.bps, until: boost.until } } : {}),
    ...(ofHold === null ? {} : { held: ofHold }),
  };
}

// Pure: where two policies part over the replayed time: which viewers, for how long, and when first, with the reasons of both.
import type { Decision, ViewerCap } from '../../decision.ts';
import { inWords, isSame } from './differences.ts';

/** Caps are the least of the time; null where there never was one. */
export type ViewerDifference = {
  readonly key: string;
  readonly server: string;
  readonly name: string;
  readonly lowerMs: number;
  readonly higherMs: number;
  readonly leastWasBps: number | null;
  readonly leastWouldBps: number | null;
};

/** `at` UTC ms. */
export type DifferenceMoment = {
  readonly at: number;
  readonly lastedMs: number;
  readonly what: string;
  readonly wasReason: string;
  readonly wouldReason: string;
};

export type DifferenceFigures = {
  readonly differingMs: number;
  /** How often they began to differ, or to differ in another way: in modes, or for other viewers. `first` has the first of these. */
  readonly moments: number;
  readonly first: readonly DifferenceMoment[];
  readonly viewers: readonly ViewerDifference[];
};

const MOST_MOMENTS = 20;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function createDifferenceTally() {
  const viewers = new Map<string, Writable<ViewerDifference>>();
  const first: Writable<DifferenceMoment>[] = [];
  let [differingMs, moments] = [0, 0];
  let current: { readonly moment: Writable<DifferenceMoment>; readonly kind: string } | null = null;
  return {
    /** `ms`: how long both stand. */
    add(utcNow: number, was: Decision, would: Decision, ms: number): void {
      for (const [i, cap] of was.viewers.entries()) addViewer(viewers, cap, would.viewers[i]?.capBps ?? null, ms);
      if (isSame(was, would)) {
        current = null;
        return;
      }
      const kind = kindOf(was, would);
      if (current?.kind !== kind) {
        moments += 1;
        const isShown = first.length < MOST_MOMENTS;
        const what = isShown ? inWords(was, would) : '';
        const moment = { at: utcNow, lastedMs: 0, what, wasReason: was.reason, wouldReason: would.reason };
        current = { moment, kind };
        if (isShown) first.push(moment);
      }
      differingMs += ms;
      current.moment.lastedMs += ms;
    },
    figures: (): DifferenceFigures => ({ differingMs, moments, first, viewers: [...viewers.values()] }),
  };
}

/** In which way they differ; how much does not count. */
const kindOf = (was: Decision, would: Decision): string =>
  `${was.mode} ${would.mode} ${was.viewers.map(({ capBps }, i) => direction(capBps, would.viewers[i]?.capBps ?? null)).join('')}`;

const direction = (was: number | null, would: number | null): string =>
  was === would ? '=' : (would ?? Number.POSITIVE_INFINITY) < (was ?? Number.POSITIVE_INFINITY) ? '-' : '+';

function addViewer(
  viewers: Map<string, Writable<ViewerDifference>>,
  { key, server, name, capBps }: ViewerCap,
  wouldBps: number | null,
  ms: number,
): void {
  const known = viewers.get(key) ?? {
    ...{ key, server, name, lowerMs: 0, higherMs: 0 },
    ...{ leastWasBps: null, leastWouldBps: null },
  };
  viewers.set(key, known);
  known.leastWasBps = lesser(known.leastWasBps, capBps);
  known.leastWouldBps = lesser(known.leastWouldBps, wouldBps);
  const [was, would] = [capBps ?? Number.POSITIVE_INFINITY, wouldBps ?? Number.POSITIVE_INFINITY];
  if (would < was) known.lowerMs += ms;
  else if (would > was) known.higherMs += ms;
}

const lesser = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));

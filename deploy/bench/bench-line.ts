// What a bench measures and how a line of it is judged.

/** One figure, beside what it is held against. */
export type BenchLine = {
  /** The bench, e.g. `journal`. */
  readonly name: string;
  /** What was measured, e.g. `durable commits, one by one`. */
  readonly line: string;
  readonly value: number;
  readonly unit: string;
  /** What stands beside it in the same run, e.g. `bare append + fdatasync`; null where the figure is absolute. */
  readonly baseline: string | null;
  readonly baseline_value: number | null;
  /** value / baseline_value. */
  readonly ratio: number | null;
  /** What is asked, as a person reads it: `<= 5 ms`, `ratio >= 0.5`. */
  readonly must: string;
  readonly holds: boolean;
};

/** One file `deploy/bench/NAME.bench.ts` exports one as `bench`. */
export type Bench = {
  readonly name: string;
  /** Measures and cleans up after itself. A bench that throws fails as a whole. */
  lines(): Promise<BenchLine[]>;
};

type Figure = {
  readonly name: string;
  readonly line: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: { readonly name: string; readonly value: number };
};
/** A bound on the value itself, or on its ratio to the baseline. */
type Bound =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly ratioAtLeast: number };

/** Makes a line of a figure and its bound. A figure that is no number does not hold. */
export function judge({ name, line, value, unit, baseline }: Figure, bound: Bound): BenchLine {
  const ratio = baseline === undefined ? null : value / baseline.value;
  const { must, holds } = compare(value, ratio ?? Number.NaN, unit, bound);
  return {
    name,
    line,
    value,
    unit,
    baseline: baseline?.name ?? null,
    baseline_value: baseline?.value ?? null,
    ratio,
    must,
    holds,
  };
}

function compare(value: number, ratio: number, unit: string, bound: Bound): { must: string; holds: boolean } {
  if ('atMost' in bound) return { must: `<= ${bound.atMost} ${unit}`, holds: value <= bound.atMost };
  if ('atLeast' in bound) return { must: `>= ${bound.atLeast} ${unit}`, holds: value >= bound.atLeast };
  if ('ratioAtMost' in bound) return { must: `ratio <= ${bound.ratioAtMost}`, holds: ratio <= bound.ratioAtMost };
  return { must: `ratio >= ${bound.ratioAtLeast}`, holds: ratio >= bound.ratioAtLeast };
}

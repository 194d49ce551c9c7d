// Pure: what a list of figures comes to.

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const worst = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values));

/** The figure that this share of them does not exceed; 0.999 for p99.9. */
export const share = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)] ?? Number.NaN;

/** A tenth is all that a figure in ms is good for. */
export const tenth = (value: number): number => Math.round(value * 10) / 10;

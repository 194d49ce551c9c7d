// Pure: the figure that 95 % of a list do not exceed.

/** Infinity where there are none: that is no good result. */
export const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * 0.95) - 1)] ?? Number.POSITIVE_INFINITY;

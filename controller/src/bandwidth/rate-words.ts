// Pure: a rate as the sentences for people have it.

export const mbitOf = (bps: number): string => `${(bps / 1_000_000).toFixed(1)} Mbit/s`;

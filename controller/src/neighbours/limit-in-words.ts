// Pure: a limit for people, in the one line that a check of a download client answers.

export const limitInWords = (bps: number): string => (bps <= 0 ? 'none' : `${(bps / 1e6).toFixed(1)} Mbit/s`);

// Pure: numbers and names as the sentences of events have them.

/** Beyond so many the rest is counted: a message is read on a phone. */
const MOST_NAMES = 10;

/** `anna`, `anna and ben`, `anna, ben and 3 more`; `nobody` where there is none. */
export function listOf(names: readonly string[]): string {
  const shown = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), `${names.length - MOST_NAMES} more`] : names;
  const last = shown.at(-1);
  if (last === undefined) return 'nobody';
  return shown.length === 1 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** `45 s`, `12 min`, `1 h 5 min`. */
export function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** To the second, for people. */
export const momentOf = (utcMs: number): string => `${new Date(utcMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

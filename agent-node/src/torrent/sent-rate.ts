// How fast a counter grows: over the last two seconds, since webtorrent's own five are too slow for who shares a line by it.

const WINDOW_MS = 2_000;

/** To be asked with the counter, in bytes, a few times a second. @returns bit/s */
export function openSentRate(monotonicMs: () => number = () => performance.now()): (bytes: number) => number {
  const seen: { readonly atMs: number; readonly bytes: number }[] = [];
  return (bytes) => {
    const atMs = monotonicMs();
    seen.push({ atMs, bytes });
    // One that is older stays: from then on it is counted.
    while ((seen[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - WINDOW_MS) seen.shift();
    const first = seen[0] ?? { atMs, bytes };
    return atMs === first.atMs ? 0 : Math.round(((bytes - first.bytes) * 8_000) / (atMs - first.atMs));
  };
}

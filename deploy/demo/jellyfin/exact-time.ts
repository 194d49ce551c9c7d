// Dates to 100 ns, as the real server keeps and writes them: seven decimals, UTC.

/** The time now, never twice the same: within a millisecond it counts on. */
export type ExactClock = () => string;

export function createExactClock(now: () => number): ExactClock {
  let lastMs = 0;
  let step = 0;
  return () => {
    const ms = now();
    step = ms === lastMs ? (step + 1) % 10_000 : 0;
    lastMs = ms;
    return `${new Date(ms).toISOString().slice(0, -1)}${String(step).padStart(4, '0')}Z`;
  };
}

const isoDate = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d\d:\d\d)?$/i;

/** Null for what is no ISO date. Without a zone it is taken for UTC, the zone of the recorded server. */
export function exactTime(text: string): string | null {
  const parts = isoDate.exec(text.trim());
  if (!parts) return null;
  const [, day, clock = '00:00', fraction = '', zone = 'Z'] = parts;
  const at = Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
  return Number.isNaN(at) ? null : `${new Date(at).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}Z`;
}

/** As .NET writes a date into JSON: no zeroes at the end, but all seven of them where the millisecond is 0. */
export function jsonTime(exact: string): string {
  if (exact.slice(20, 23) === '000') return `${exact.slice(0, 20)}0000000Z`;
  return exact.replace(/0*Z$/, 'Z');
}

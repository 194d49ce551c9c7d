// Pure: rows of usage as series over time, or as totals: the largest by name, the rest together.
import { type Amount, type Drawn, OTHERS, subjectKey } from './amount.ts';
import { DAY_MS, KEPT, MINUTE_MS, QUARTER_MS, type Tier } from './usage-tables.ts';

export type Step = { readonly ms: number; readonly tier: Tier };

/** Whole days and more are those of the home; `ms` is then of a usual one. */
const STEPS: readonly Step[] = [
  { ms: MINUTE_MS, tier: 'minute' },
  { ms: 5 * MINUTE_MS, tier: 'minute' },
  { ms: QUARTER_MS, tier: 'quarter' },
  { ms: 4 * QUARTER_MS, tier: 'quarter' },
  { ms: 12 * QUARTER_MS, tier: 'quarter' },
  { ms: 24 * QUARTER_MS, tier: 'quarter' },
  { ms: DAY_MS, tier: 'day' },
];
const USUAL_POINTS = 300;

export type UsageRange = { readonly from: number; readonly to: number; readonly now: number };

/** The finest step that is no finer than asked for, is kept for as long as the range goes back, and gives 300 points at the most where nothing was asked for. */
export function stepFor({ from, to, now }: UsageRange, wantedMs: number | null): Step {
  const leastMs = wantedMs ?? (to - from) / USUAL_POINTS;
  const fit = STEPS.find(({ ms, tier }) => ms >= leastMs && now - from <= KEPT[tier].ms);
  return fit ?? { ms: DAY_MS, tier: 'day' };
}

export type Series = Pick<Drawn, 'name' | 'place'> & {
  readonly total: Amount;
  readonly points: readonly (Amount & { readonly at: number })[];
};

/** Of the largest `most` subjects, largest first; what more there is stands together as `(others)` of its place. Steps without anything are left out. */
export function toSeries(
  rows: readonly (Drawn & { readonly at: number })[],
  { beginOf, most }: { readonly beginOf: (at: number) => number; readonly most: number },
): readonly Series[] {
  const sizes = [...Map.groupBy(rows, subjectKey)]
    .map(([key, own]) => ({ key, bytes: own.reduce((sum, { upBytes, downBytes }) => sum + upBytes + downBytes, 0) }))
    .sort((a, b) => b.bytes - a.bytes);
  const named = new Set(sizes.slice(0, sizes.length > most ? Math.max(0, most - 1) : most).map(({ key }) => key));
  const told = rows.map((row) => (named.has(subjectKey(row)) ? row : { ...row, name: OTHERS }));
  return [...Map.groupBy(told, subjectKey).values()]
    .map((own) => seriesOf(own, beginOf))
    .sort((a, b) => bytesIn(b.total) - bytesIn(a.total));
}

function seriesOf(rows: readonly (Drawn & { readonly at: number })[], beginOf: (at: number) => number): Series {
  const { name = OTHERS, place = 'uplink' } = rows[0] ?? {};
  const points = [...Map.groupBy(rows, ({ at }) => beginOf(at))]
    .map(([at, own]) => ({ at, ...sumAmounts(own) }))
    .sort((a, b) => a.at - b.at);
  return { name, place, total: sumAmounts(rows), points };
}

const sumAmounts = (amounts: readonly Amount[]): Amount => ({
  upBytes: amounts.reduce((sum, { upBytes }) => sum + upBytes, 0),
  downBytes: amounts.reduce((sum, { downBytes }) => sum + downBytes, 0),
  ms: amounts.reduce((sum, { ms }) => sum + ms, 0),
});

const bytesIn = ({ upBytes, downBytes }: Amount): number => upBytes + downBytes;

/**
 * What went through the WAN and was no known stream nor download client, by time. Measured and told figures are of different hours to the second, so it is
 * never less than nothing.
 */
export function otherSeries(series: readonly Series[]): Series | null {
  const wan = series.find(({ name }) => name === 'wan');
  if (wan === undefined) return null;
  const known = series.filter(({ name, place }) => name !== 'wan' && place === 'uplink').flatMap(({ points }) => points);
  const byTime = Map.groupBy(known, ({ at }) => at);
  const points = wan.points.map((point) => {
    const ours = sumAmounts(byTime.get(point.at) ?? []);
    return {
      at: point.at,
      upBytes: Math.max(0, point.upBytes - ours.upBytes),
      downBytes: Math.max(0, point.downBytes - ours.downBytes),
      ms: point.ms,
    };
  });
  return { name: 'other', place: 'uplink', total: sumAmounts(points), points };
}

// Usage by range: series from the tier that covers it, and totals by day or month.
import { ControllerError } from '../errors.ts';
import { monthAround } from './data-cap.ts';
import type { SeriesWanted } from './usage.ts';
import { otherSeries, type Series, type Step, stepFor, toSeries } from './usage-series.ts';
import type { UsageStore } from './usage-store.ts';
import { type HomeDays, midnightOf } from './wan-days.ts';

/** Of all series of one answer; some 100 bytes each. */
const MOST_ANSWERED = 20_000;

type Source = { readonly store: Pick<UsageStore, 'points'>; readonly days: HomeDays };

export async function readSeries(
  { store, days, now }: Source & { readonly now: number },
  wanted: SeriesWanted,
): Promise<{ readonly step: Step; readonly series: readonly Series[] }> {
  const step = stepFor({ from: wanted.from, to: wanted.to, now }, wanted.stepMs);
  const beginOf = (at: number): number => Math.floor(at / step.ms) * step.ms;
  const from = step.tier === 'day' ? midnightOf(days, wanted.from) : beginOf(wanted.from);
  const rows = await store.points({ ...wanted, from, tier: step.tier });
  const series = withOther(toSeries(rows, { beginOf: step.tier === 'day' ? (at) => at : beginOf, most: wanted.most }), wanted);
  const count = series.reduce((sum, { points }) => sum + points.length, 0);
  if (count > MOST_ANSWERED)
    throw new ControllerError(
      'input_invalid',
      `query.step: ${count} points are more than the ${MOST_ANSWERED} of one answer; take a longer step, a shorter range, one name or fewer names`,
    );
  return { step, series };
}

export async function readTotals(
  { store, days, beginsOn }: Source & { readonly beginsOn: number },
  wanted: Omit<SeriesWanted, 'stepMs'>,
  period: 'day' | 'month',
): Promise<readonly Series[]> {
  const beginOf = (at: number): number => (period === 'day' ? at : monthAround(at, beginsOn, days).from);
  const from = beginOf(midnightOf(days, wanted.from));
  const rows = await store.points({ ...wanted, from, tier: 'day' });
  return withOther(toSeries(rows, { beginOf, most: wanted.most }), wanted);
}

/** Of all kinds only: what is left over is no subject of its own. */
function withOther(series: readonly Series[], { by, name }: Pick<SeriesWanted, 'by' | 'name'>): readonly Series[] {
  const other = by === 'kind' && name === null ? otherSeries(series) : null;
  return other === null ? series : [...series, other];
}

// Pure: usage in the shapes that REST and MQTT show.
import type { UsageState } from '@headgate/protocol';
import type { z } from 'zod';
import type { Amount } from './amount.ts';
import type { CapDirection } from './data-cap.ts';
import type { MonthStatus } from './usage.ts';
import type { dataCapView, usageTotalsView, usageView } from './usage-api.ts';
import type { Series, Step } from './usage-series.ts';

type Range = { readonly from: number; readonly to: number };

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.round(ms / 1_000);

export const viewSeries = (
  { from, to }: Range,
  { step, series }: { readonly step: Step; readonly series: readonly Series[] },
): z.input<typeof usageView> => ({
  from: iso(from),
  to: iso(to),
  step_s: seconds(step.ms),
  series: series.map(({ name, place, total, points }) => ({
    name,
    place,
    ...viewAmount(total),
    points: points.map((point) => ({
      at: iso(point.at),
      ...viewAmount(point),
      up_bps: Math.round((point.upBytes * 8_000) / step.ms),
      down_bps: Math.round((point.downBytes * 8_000) / step.ms),
    })),
  })),
});

export const viewTotals = (period: 'day' | 'month', series: readonly Series[]): z.input<typeof usageTotalsView> => ({
  period,
  series: series.map(({ name, place, total, points }) => ({
    name,
    place,
    ...viewAmount(total),
    points: points.map((point) => ({ at: iso(point.at), ...viewAmount(point) })),
  })),
});

export const viewMonth = (status: MonthStatus): z.input<typeof dataCapView> => ({
  month_begins: iso(status.from),
  month_ends: iso(status.to),
  up_bytes: status.used.upBytes,
  down_bytes: status.used.downBytes,
  today_up_bytes: status.today.upBytes,
  today_down_bytes: status.today.downBytes,
  filled_s: seconds(status.used.filledMs),
  missing_s: seconds(status.missingMs),
  when_reached: status.whenReached,
  budgets: status.budgets.map((budget) => ({
    direction: budget.direction,
    cap_bytes: budget.capBytes,
    used_bytes: budget.usedBytes,
    used_percent: budget.usedPercent,
    projected_bytes: budget.projectedBytes,
    remaining_bytes: budget.remainingBytes,
    remaining_per_day_bytes: budget.remainingPerDayBytes,
    reached: budget.isReached,
  })),
});

/** Flat, and with a field for each direction, for an automation reads names and not lists. */
export function toUsageState(status: MonthStatus): UsageState {
  const of = (direction: CapDirection) => status.budgets.find((budget) => budget.direction === direction) ?? null;
  const [upload, download, together] = [of('upload'), of('download'), of('together')];
  const percents = status.budgets.map(({ usedPercent }) => usedPercent);
  return {
    at: iso(status.now),
    month_begins: iso(status.from),
    month_ends: iso(status.to),
    up_bytes: status.used.upBytes,
    down_bytes: status.used.downBytes,
    today_up_bytes: status.today.upBytes,
    today_down_bytes: status.today.downBytes,
    missing_s: seconds(status.missingMs),
    up_cap_percent: upload?.usedPercent ?? null,
    down_cap_percent: download?.usedPercent ?? null,
    together_cap_percent: together?.usedPercent ?? null,
    up_remaining_per_day_bytes: upload?.remainingPerDayBytes ?? null,
    down_remaining_per_day_bytes: download?.remainingPerDayBytes ?? null,
    together_remaining_per_day_bytes: together?.remainingPerDayBytes ?? null,
    up_projected_percent: projectedPercent(upload),
    down_projected_percent: projectedPercent(download),
    together_projected_percent: projectedPercent(together),
    cap_percent: percents.length === 0 ? null : Math.max(...percents),
    cap_reached: status.budgets.some(({ isReached }) => isReached),
  };
}

function projectedPercent(budget: MonthStatus['budgets'][number] | null): number | null {
  if (budget === null || budget.projectedBytes === null) return null;
  return Math.round((budget.projectedBytes / budget.capBytes) * 1_000) / 10;
}

const viewAmount = ({ upBytes, downBytes, ms }: Amount) => ({
  up_bytes: Math.round(upBytes),
  down_bytes: Math.round(downBytes),
  seconds: seconds(ms),
});

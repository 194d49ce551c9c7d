// Counts each second what is drawn, writes it each minute, and looks whether a data cap was passed.
import { messageOf } from '../errors.ts';
import { createListeners } from '../listeners.ts';
import { createCapWatch } from './cap-watch.ts';
import { budgetsOf, missingMs, monthAround } from './data-cap.ts';
import { createMinuteBook } from './minute-book.ts';
import { createPruning } from './pruning.ts';
import { readSeries, readTotals } from './read-usage.ts';
import type { MonthStatus, Usage, UsageDeps } from './usage.ts';
import { midnightOf, sumDays, type WanDay } from './wan-days.ts';

const EACH_MS = 1_000;

/** @throws ControllerError storage_failed */
export async function openUsage({ store, reads, cap, days, tell, clock, log }: UsageDeps): Promise<Usage> {
  const wanDays = new Map<number, WanDay>((await store.wanDays()).map((day) => [day.at, day]));
  const book = createMinuteBook({ clock, days, baseline: await store.baseline(), wanDays });
  const pruning = createPruning(store, clock);
  const news = createListeners();
  const month = (): MonthStatus => {
    const now = clock.now();
    const around = monthAround(now, cap.beginsOn, days);
    const used = sumDays(wanDays.values(), around.from, around.to);
    const today = midnightOf(days, now);
    return {
      ...around,
      now,
      used,
      today: sumDays(wanDays.values(), today, today + 1),
      missingMs: missingMs(used, { ...around, now }),
      budgets: budgetsOf(cap, used, { ...around, now }),
      whenReached: cap.whenReached,
    };
  };
  const capWatch = createCapWatch({ store, month, warnAt: cap.warnAt, tell });

  async function write(): Promise<void> {
    for (let next = book.next(); next !== null; next = book.next()) {
      await store.add(next);
      book.written();
    }
    await pruning.look();
    news.tell();
  }
  let failing = false;
  const attempt = async (isWhole: boolean): Promise<void> => {
    try {
      if (isWhole) await write();
      if (await capWatch.look()) news.tell();
      // A look that goes well says nothing of the disk.
      if (isWhole) failing = false;
    } catch (error) {
      if (!failing) log.warn({ error: messageOf(error) }, 'usage not written; it is kept and tried again');
      failing = true;
    }
  };
  return {
    series: (wanted) => readSeries({ store, days, now: clock.now() }, wanted),
    totals: (wanted, period) => readTotals({ store, days, beginsOn: cap.beginsOn }, wanted, period),
    month,
    reached: () =>
      new Set(
        month()
          .budgets.filter(({ isReached }) => isReached)
          .map(({ direction }) => direction),
      ),
    onNews: news.on,
    async run(signal) {
      let writing: Promise<void> = Promise.resolve();
      while (!signal.aborted) {
        const isWhole = book.count(reads.drawing(), reads.wan());
        writing = writing.then(() => attempt(isWhole));
        await clock.sleep(EACH_MS, signal).catch(() => {});
      }
      book.count(reads.drawing(), reads.wan());
      book.close();
      await writing;
      await attempt(true);
    },
  };
}

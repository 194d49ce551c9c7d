// All channels in turn: libraries read anew, schedules topped up, items that cannot be played swapped before they air.
import { setImmediate as turn } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Channel } from './channel.ts';
import type { ChannelsDeps } from './channels.ts';
import type { Filling } from './fill-schedule.ts';
import { shelvesOf } from './plan-source.ts';
import type { Planner } from './planner.ts';
import { probeItems } from './probe-items.ts';
import type { ScheduleEntry } from './schedule-entry.ts';

const DAY_MS = 86_400_000;
const PROBED_AHEAD_MS = 1.5 * DAY_MS;
const ENTRIES_KEPT_MS = 14 * DAY_MS;
const PROBES_KEPT_MS = 90 * DAY_MS;
/** Then an item that could not be played may come again, and is looked at before. */
const BAD_FOR_MS = 7 * DAY_MS;

export type TopUp = {
  /** One such work at a time. `refresh` reads the libraries anew first. Ends after the channel at hand when the signal fires. Never rejects. */
  all(refresh: boolean, signal?: AbortSignal): Promise<void>;
  /** Those that could not be planned. */
  troubled(): Promise<void>;
  /** What is on air within 36 h; one such work at a time. */
  probe(signal: AbortSignal): Promise<void>;
};

type Deps = Pick<ChannelsDeps, 'stores' | 'catalogue' | 'media' | 'clock' | 'log' | 'tell'> & {
  readonly planner: Planner;
  readonly filling: Filling;
};

export function createTopUp(deps: Deps): TopUp {
  const { stores, catalogue, planner, filling, clock, log, tell } = deps;
  let running: Promise<void> | null = null;
  let probing: Promise<void> | null = null;
  const swap = async (channel: Channel): Promise<void> => {
    const gone = await planner.swap(channel);
    if (gone.length === 0) return;
    const text = `Channel ${channel.number} "${channel.name}": ${gone.length} programmes that cannot be played gave way to others`;
    tell({
      type: 'items_swapped',
      severity: 'info',
      text,
      details: { channel: channel.id, count: gone.length, first: gone[0] ?? null },
    });
  };
  const allInTurn = async (refresh: boolean, signal?: AbortSignal): Promise<void> => {
    if (refresh) {
      const shelves = stores.channels.all().flatMap(shelvesOf);
      await catalogue.refresh(shelves);
      await catalogue.keepOnly(shelves);
      await stores.probes.prune(clock.now() - PROBES_KEPT_MS, clock.now() - BAD_FOR_MS);
    }
    for (const channel of stores.channels.all()) {
      await turn(); // streams and requests have their turn between two channels
      if (signal?.aborted) return;
      await filling.topUp(channel, () => swap(channel));
      await stores.schedule.prune(channel.id, clock.now() - ENTRIES_KEPT_MS);
    }
  };
  return {
    async all(refresh, signal) {
      while (running !== null) await running;
      running = allInTurn(refresh, signal)
        .catch((error: unknown) => log.error({ error: messageOf(error) }, 'schedules could not be extended'))
        .finally(() => {
          running = null;
        });
      await running;
    },
    async troubled() {
      for (const channel of stores.channels.all()) if (filling.problem(channel.id) !== null) await filling.fill(channel);
    },
    async probe(signal) {
      probing ??= probeAll(deps, swap, signal).finally(() => {
        probing = null;
      });
      await probing;
    },
  };
}

async function probeAll(deps: Deps, swap: (channel: Channel) => Promise<void>, signal: AbortSignal): Promise<void> {
  const { stores, catalogue, filling, clock, log } = deps;
  const [from, to] = [clock.now(), clock.now() + PROBED_AHEAD_MS];
  const entries: ScheduleEntry[] = [];
  for (const { id, enabled } of stores.channels.all()) {
    if (enabled) entries.push(...(await stores.schedule.range(id, from, to)));
  }
  const pathOf = (of: { readonly server: string; readonly id: string }) => catalogue.item(of)?.path ?? null;
  const { probeItem } = deps.media;
  const bad = await probeItems({ probes: stores.probes, probeItem, pathOf, clock, log }, entries, signal);
  if (bad === 0) return;
  for (const channel of stores.channels.all()) {
    await turn();
    if (filling.problem(channel.id) === null) await swap(channel);
  }
}

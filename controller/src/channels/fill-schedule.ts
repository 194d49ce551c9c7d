// Fills the schedule of a channel: reads what it needs, plans, and remembers what stood in the way.
import { ControllerError, isAbort, messageOf } from '../errors.ts';
import type { Channel } from './channel.ts';
import type { ChannelsDeps } from './channels.ts';
import { type PlanSource, shelvesOf } from './plan-source.ts';
import type { Planner } from './planner.ts';

const HOUR_MS = 3_600_000;
/** The night's job comes each 23 to 25 hours and takes a while: 7 days stand at every moment. */
const HORIZON_MS = 8 * 24 * HOUR_MS + 2 * HOUR_MS;
/** Less is not worth a planning. With a night of 25 h, 7 days stand still, and half an hour for the job itself. */
const SLACK_MS = HOUR_MS / 2;
/** Read anew each night; this is for a Headgate that slept. */
const CATALOGUE_AGE_MS = 26 * HOUR_MS;
/** Whoever made a channel waits no longer for a slow server; the schedule follows by itself. */
const PATIENCE_MS = 20_000;

export type Filling = {
  problem(channelId: number): string | null;
  /** Reads what the channel needs. @throws ControllerError upstream_…, timeout, input_invalid where it has nothing to play */
  ready(channel: Omit<Channel, 'id' | 'number'>): Promise<void>;
  /** Up to the horizon, from `fromMs` (now where not given). Never rejects: `problem` says what went wrong. */
  fill(channel: Channel, fromMs?: number): Promise<void>;
  /** Anew after the rules or items of a channel were changed. Never rejects. */
  refill(channel: Channel): Promise<void>;
  /** As `fill`, where that brings more than half an hour; `first` comes before, once all that it needs was read. */
  topUp(channel: Channel, first: () => Promise<void>): Promise<void>;
  forget(channelId: number): void;
};

type Deps = Pick<ChannelsDeps, 'stores' | 'catalogue' | 'clock' | 'log' | 'tell'> & {
  readonly planner: Planner;
  readonly source: PlanSource;
};

export function createFilling(deps: Deps): Filling {
  const { stores, planner, clock, log } = deps;
  const problems = createProblems(deps);
  const stale = new Set<number>();
  const ready: Filling['ready'] = (channel) => makeReady(deps, channel);
  const fillNow = async (channel: Channel, fromMs?: number): Promise<void> => {
    await ready(channel);
    const toMs = clock.now() + HORIZON_MS;
    if (stale.has(channel.id)) await planner.replan(channel, toMs);
    else await planner.extend(channel, toMs, fromMs);
    stale.delete(channel.id);
  };
  const fill: Filling['fill'] = async (channel, fromMs) => {
    const work = fillNow(channel, fromMs);
    await problems.of(channel, () => patiently(work));
    // Where patience ended first, the work went on: what came of it counts.
    if (problems.get(channel.id) !== null)
      void problems.of(channel, () => work).catch((error: unknown) => log.error({ error }, 'a channel could not be filled'));
  };
  return {
    problem: problems.get,
    ready,
    fill,
    async refill(channel) {
      stale.add(channel.id);
      await fill(channel);
    },
    topUp: (channel, first) =>
      problems.of(channel, async () => {
        await ready(channel);
        await first();
        const through = stores.schedule.generatedThrough(channel.id) ?? 0;
        if (through < clock.now() + HORIZON_MS - SLACK_MS || stale.has(channel.id)) await fillNow(channel);
      }),
    forget(channelId) {
      problems.forget(channelId);
      stale.delete(channelId);
    },
  };
}

async function makeReady({ catalogue, source }: Deps, channel: Omit<Channel, 'id' | 'number'>): Promise<void> {
  const shelves = shelvesOf(channel);
  const isAutomatic = channel.scheduleType === 'genre_auto';
  if (isAutomatic && shelves.length === 0)
    throw new ControllerError('input_invalid', 'libraries: an automatic channel needs a library or a source');
  await catalogue.ensure(shelves, CATALOGUE_AGE_MS);
  await source.prepare();
  if (isAutomatic && source.playable(channel).items.length === 0) {
    const key = channel.selection.genres.length > 0 ? 'genre_filters' : 'libraries';
    throw new ControllerError('input_invalid', `${key}: no item of the libraries is what the channel asks for`);
  }
}

/** What keeps each channel from being planned; told when it changes. */
function createProblems({ tell }: Deps) {
  const problems = new Map<number, string>();
  return {
    get: (id: number): string | null => problems.get(id) ?? null,
    forget: (id: number): void => void problems.delete(id),
    async of(channel: Channel, work: () => Promise<unknown>): Promise<void> {
      const before = problems.get(channel.id);
      try {
        await work();
        problems.delete(channel.id);
      } catch (error) {
        if (isAbort(error)) return; // Headgate stops
        const problem = messageOf(error);
        problems.set(channel.id, problem);
        if (before === problem) return;
        const text = `Channel ${channel.number} "${channel.name}" cannot be planned: ${problem}`;
        tell({ type: 'channel_unplanned', severity: 'warning', text, details: { channel: channel.id, problem } });
      }
    },
  };
}

/** In real time: a person waits. */
async function patiently(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(
    () => late.reject(new ControllerError('timeout', 'its libraries are still being read; the schedule follows by itself')),
    PATIENCE_MS,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(limit);
  }
}

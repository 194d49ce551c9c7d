// The channels feature: what is asked of it, put together from planner, stores, catalogue and jobs.
import { randomInt } from 'node:crypto';
import { ControllerError, isAbort } from '../errors.ts';
import { createListeners } from '../listeners.ts';
import { changed, draftOf, plansOtherwise } from './channel-input.ts';
import type { StoredChannel } from './channel-store.ts';
import type { ChannelEvent, Channels, ChannelsDeps, OnNow } from './channels.ts';
import { createFilling } from './fill-schedule.ts';
import { createManualEntries } from './manual-entries.ts';
import { createNightlyJob } from './nightly-job.ts';
import { createPlanSource, shelvesOf } from './plan-source.ts';
import { planSteps } from './plan-steps.ts';
import { createPlanner } from './planner.ts';
import { createTopUp } from './top-up.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RETRY_MS = 15 * 60_000;
/** What stands at every moment, and the day until the next night. */
const HORIZON_DAYS = 8;
/** More is years of rows for nothing: it goes on by itself each night. */
const FURTHEST_DAYS = 60;

/** Opens nothing and starts nothing: `run` does. */
export function createChannels(deps: ChannelsDeps): Channels {
  const parts = assemble(deps);
  const { stores, catalogue, home, clock, scheduleChanged, channelChanged } = { ...deps, ...parts };
  const night = createNightlyJob('nightly', home.timeZone, clock);
  const get = (id: number): StoredChannel => {
    const channel = stores.channels.get(id);
    if (channel === null) throw new ControllerError('not_found', `there is no channel ${id}`);
    return channel;
  };
  let loading: Promise<void> | null = null;
  // What earlier runs read is there at once, whatever the servers do; a server is asked only for what never was.
  const loaded = (): Promise<void> => {
    loading ??= catalogue.ensure(stores.channels.all().flatMap(shelvesOf), Number.POSITIVE_INFINITY).catch(() => {}); // each channel says its own problem
    return loading;
  };
  return {
    all: stores.channels.all,
    loaded,
    time: clock.now,
    get,
    state: (id) => ({ throughMs: stores.schedule.generatedThrough(id), problem: parts.filling.problem(id) }),
    ...createEditing(deps, parts, get),
    ...createManualEntries({ ...deps, planner: parts.planner }),
    ...createViewing(deps, parts, get),
    onScheduleChange: scheduleChanged.on,
    onChannelChange: channelChanged.on,
    catalogue: catalogue.state,
    jobs: () => [night.job() ?? []].flat(),
    topUp: (refresh) => parts.topUp.all(refresh),
    async serverBack(server) {
      catalogue.retry(server);
      if (home.scheduler) await parts.topUp.all(false);
    },
    async run(signal) {
      if (!home.scheduler) return loaded();
      const work = async (refresh: boolean): Promise<void> => {
        await parts.topUp.all(refresh, signal);
        await parts.topUp.probe(signal).catch((error: unknown) => {
          if (!isAbort(error)) deps.log.error({ error }, 'items could not be probed');
        });
      };
      await Promise.all([loaded().then(() => work(false)), night.run(() => work(true), signal), retrying(parts, clock, signal)]);
    },
  };
}

/** A server's return may go unnoticed: what could not be planned is tried now and then. */
async function retrying({ topUp }: Parts, clock: ChannelsDeps['clock'], signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(RETRY_MS, signal);
      await topUp.troubled();
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}

type Parts = ReturnType<typeof assemble>;

function assemble(deps: ChannelsDeps) {
  const { stores, catalogue, home, clock } = deps;
  const scheduleChanged = createListeners<[number, number]>();
  const channelChanged = createListeners<[number]>();
  const source = createPlanSource(catalogue, stores.probes.failing);
  const planner = createPlanner({
    schedule: stores.schedule,
    source,
    clock,
    timeZone: home.timeZone,
    changed: scheduleChanged.tell,
  });
  const filling = createFilling({ ...deps, planner, source });
  const topUp = createTopUp({ ...deps, planner, filling });
  return { scheduleChanged, channelChanged, planner, filling, topUp };
}

type Get = (id: number) => StoredChannel;

function createEditing(
  { stores, home, clock, tell }: ChannelsDeps,
  { planner, filling, channelChanged, scheduleChanged }: Parts,
  get: Get,
): Pick<Channels, 'create' | 'update' | 'remove' | 'preview' | 'generate'> {
  const facts = () => ({ servers: home.servers, hasClips: home.hasClips ?? false, now: clock.now() });
  const isFree = (number: string | null, id: number | null): void => {
    const other = number === null ? null : stores.channels.byNumber(number);
    if (other !== null && other.id !== id)
      throw new ControllerError('conflict', `channel_number: ${number} is taken by "${other.name}"`);
  };
  const told = (type: ChannelEvent['type'], channel: StoredChannel, how: string): StoredChannel => {
    const text = `Channel ${channel.number} "${channel.name}" was ${how}`;
    tell({ type, severity: 'info', text, details: { channel: channel.id, number: channel.number, name: channel.name } });
    channelChanged.tell(channel.id);
    return channel;
  };
  return {
    async create(body) {
      const draft = draftOf(body, { ...facts(), seed: randomInt(2 ** 32) });
      isFree(draft.number, null);
      const fromMs = startOf(body.start_at, clock.now());
      const channel = await stores.channels.add(draft);
      await filling.fill(channel, fromMs);
      return told('channel_added', channel, 'added');
    },
    async update(id, body) {
      const before = get(id);
      const next = changed(before, body, facts());
      if (next === before) return before;
      isFree(next.number, id);
      const channel = await stores.channels.change(next);
      if (plansOtherwise(before, channel)) await filling.refill(channel);
      return told('channel_changed', channel, 'changed');
    },
    async remove(id) {
      const channel = get(id);
      await stores.channels.remove(id);
      stores.schedule.forget(id);
      filling.forget(id);
      scheduleChanged.tell(id, 0);
      told('channel_removed', channel, 'removed');
    },
    async preview(body, days) {
      const draft = draftOf(body, { ...facts(), seed: randomInt(2 ** 32) });
      const startMs = Math.floor(startOf(body.start_at, clock.now()) / 1_000) * 1_000;
      await filling.ready(draft);
      const entries = await planner.preview({ ...draft, id: 0 }, startMs, startMs + days * DAY_MS);
      return { seed: draft.seed, startMs, entries };
    },
    async generate(id, { days, reset }) {
      const channel = get(id);
      await filling.ready(channel);
      const through = stores.schedule.generatedThrough(id) ?? 0;
      // Planned anew, less than a week would be a hole until the night.
      const toMs = reset ? clock.now() + Math.max(days, HORIZON_DAYS) * DAY_MS : Math.max(through, clock.now()) + days * DAY_MS;
      if (toMs > clock.now() + FURTHEST_DAYS * DAY_MS)
        throw new ControllerError('input_invalid', `days: the schedule reaches at most ${FURTHEST_DAYS} days ahead`);
      return reset ? planner.replan(channel, toMs) : planner.extend(channel, toMs);
    },
  };
}

/** @throws ControllerError input_invalid for a moment that is not about now */
function startOf(text: string | undefined, now: number): number {
  const startMs = text === undefined ? now : Date.parse(text);
  if (startMs < now - HOUR_MS || startMs > now + DAY_MS)
    throw new ControllerError('input_invalid', 'start_at: must lie within the last hour or the next day');
  return startMs;
}

function createViewing(
  { stores, catalogue, media, home, clock, tell }: ChannelsDeps,
  { planner }: Parts,
  get: Get,
): Pick<Channels, 'entries' | 'lastAired' | 'now' | 'item' | 'skip' | 'steps'> {
  const now = async (id: number): Promise<OnNow | null> => {
    const entry = await stores.schedule.at(get(id).id, clock.now());
    if (entry === null) return null;
    return { entry, next: await stores.schedule.next(id, entry.endMs) };
  };
  return {
    entries: async (id, fromMs, toMs) => stores.schedule.range(get(id).id, fromMs, toMs),
    lastAired: stores.schedule.lastAired,
    now,
    item: catalogue.item,
    async skip(id, force) {
      const channel = get(id);
      const { slots, dates } = channel.rules;
      if (!force && (slots.length > 0 || dates.some((rule) => rule.slots.length > 0)))
        throw new ControllerError('conflict', 'the times of this channel are fixed by slots: skip with "force": true');
      const skipped = await now(id);
      if (skipped === null) throw new ControllerError('not_found', 'nothing is on that could be skipped');
      await planner.skip(channel);
      const text = `Channel ${channel.number} "${channel.name}": "${skipped.entry.title}" was skipped`;
      tell({ type: 'channel_skipped', severity: 'info', text, details: { channel: id, title: skipped.entry.title } });
      const on = await now(id);
      // It ends with the second at hand: what was skipped to is what is meant.
      if (on?.next == null || on.entry.id !== skipped.entry.id) return on;
      return { entry: on.next, next: await stores.schedule.next(id, on.next.endMs) };
    },
    steps: async (id, fromMs) =>
      planSteps(
        {
          entries: stores.schedule.range,
          item: catalogue.item,
          probe: stores.probes.get,
          sourceOf: media.sourceOf,
          agreeOnCopy: media.agreeOnCopy,
          timeZone: home.timeZone,
        },
        get(id),
        fromMs,
      ),
  };
}

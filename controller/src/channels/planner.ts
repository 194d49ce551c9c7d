// Carries out plannings: what the pure planner says, onto the table, one change of a channel at a time.
import type { Clock } from '../clock.ts';
import { itemKey } from './catalogue-item.ts';
import type { Channel } from './channel.ts';
import type { PlanSource } from './plan-source.ts';
import { byKeyOf, rewind } from './schedule/hold-back.ts';
import type { PlanMemory } from './schedule/plan-memory.ts';
import { type Plan, planInSteps } from './schedule/plan-schedule.ts';
import { type ReflowInput, reflowInSteps, skipInSteps } from './schedule/reflow.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import type { ScheduleStore } from './schedule-store.ts';
import { unhurried } from './unhurried.ts';

export type PlannerDeps = {
  readonly schedule: ScheduleStore;
  readonly source: PlanSource;
  readonly clock: Clock;
  /** IANA zone of the home. */
  readonly timeZone: string;
  /** The table differs from `fromMs` on. */
  readonly changed: (channelId: number, fromMs: number) => void;
};

/** Manual entries that come, and any that go. */
export type Placing = { readonly put: readonly ScheduleEntry[]; readonly drop: readonly ScheduleEntry[] };

export type PlannedChannel = Pick<Channel, 'id' | 'seed' | 'rules' | 'selection' | 'scheduleType'>;

export type Planner = {
  /** What `extend` makes of a channel that has nothing yet. Writes nothing. */
  preview(channel: PlannedChannel, fromMs: number, toMs: number): Promise<readonly ScheduleEntry[]>;
  /** Appends up to `toMs`, from where the last planning ended, or from `fromMs` (now where not given) if that is later. Answers how many came. */
  extend(channel: Channel, toMs: number, fromMs?: number): Promise<number>;
  /** All automatic entries anew from the end of what is on; series go on where they are. Answers how many came. */
  replan(channel: Channel, toMs: number): Promise<number>;
  /** `decide` sees the manual entries that are on or to come, and may throw; nobody changes the channel meanwhile. */
  place(channel: Channel, decide: (manual: readonly ScheduleEntry[]) => Placing): Promise<void>;
  /** Ends what is on, where anything is; what follows comes at once. */
  skip(channel: Channel): Promise<void>;
  /** Others in place of what may no longer air, from there on. Answers with the titles that went. */
  swap(channel: Channel): Promise<readonly string[]>;
};

const EVER_MS = 400 * 86_400_000;
const floorSecond = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

export function createPlanner(deps: PlannerDeps): Planner {
  const { schedule, clock } = deps;
  const inTurn = createQueue();
  return {
    async preview(channel, fromMs, toMs) {
      const input = inputOf(deps, channel);
      if (!isFilled(channel, input)) return [];
      const steps = planInSteps({ ...input, memory: null, fixed: [], fromMs: floorSecond(fromMs), toMs });
      return (await unhurried(steps)).entries;
    },
    extend: (channel, toMs, fromMs) =>
      inTurn(channel.id, async () => {
        const { throughMs, memory } = await schedule.progress(channel.id);
        const startMs = Math.max(throughMs ?? 0, floorSecond(fromMs ?? clock.now()));
        if (startMs >= toMs) return 0;
        const input = inputOf(deps, channel);
        if (!isFilled(channel, input)) return 0;
        const fixed = await schedule.manual(channel.id, startMs);
        const steps = planInSteps({ ...input, memory: memory as PlanMemory | null, fixed, fromMs: startMs, toMs });
        const plan = await unhurried(steps);
        await write(deps, channel, { fromMs: startMs, plan, placing: NONE });
        return plan.entries.length;
      }),
    replan: (channel, toMs) =>
      inTurn(channel.id, async () => {
        const { input } = await standing(deps, channel);
        const memory = input.memory && rewind(input.memory, input.old, input.items);
        const plan = isFilled(channel, input) ? await unhurried(planInSteps({ ...input, memory, toMs })) : null;
        await write(deps, channel, { fromMs: input.fromMs, plan, placing: NONE });
        return plan?.entries.length ?? 0;
      }),
    place: (channel, decide) =>
      inTurn(channel.id, async () => {
        const { running, input } = await standing(deps, channel);
        const manual = running?.origin === 'manual' ? [running, ...input.fixed] : input.fixed;
        const { put, drop } = decide(manual);
        const isDropped = ({ id }: ScheduleEntry): boolean => drop.some((one) => one.id === id);
        const [nowMs, firstMs] = [floorSecond(clock.now()), put[0]?.startMs ?? Number.POSITIVE_INFINITY];
        const cutMs = running === null ? null : isDropped(running) ? nowMs : firstMs < running.endMs ? firstMs : null;
        const fromMs = cutMs ?? input.fromMs;
        const fixed = [...input.fixed.filter((one) => !isDropped(one)), ...put].sort((a, b) => a.startMs - b.startMs);
        const old = input.old.filter((one) => !isDropped(one));
        const plan = isFilled(channel, input) ? await unhurried(reflowInSteps({ ...input, fixed, old, fromMs })) : null;
        await write(deps, channel, { fromMs: input.fromMs, plan, placing: cutting({ put, drop }, running, cutMs) });
      }),
    skip: (channel) =>
      inTurn(channel.id, async () => {
        const { running, input } = await standing(deps, channel);
        if (running === null) return;
        // A second that has begun belongs to what is on.
        const fromMs = Math.min(Math.ceil(clock.now() / 1_000) * 1_000, running.endMs);
        const plan = isFilled(channel, input) ? await unhurried(skipInSteps({ ...input, fromMs })) : null;
        await write(deps, channel, { fromMs: input.fromMs, plan, placing: cutting(NONE, running, fromMs) });
      }),
    swap: (channel) =>
      inTurn(channel.id, async () => {
        const { input } = await standing(deps, channel);
        const gone = goneFrom(input);
        // Nothing at all is a server in trouble, not a library that was emptied.
        if (gone.length === 0 || !isFilled(channel, input)) return [];
        const plan = await unhurried(reflowInSteps(input));
        await write(deps, channel, { fromMs: input.fromMs, plan, placing: NONE });
        return gone.map(({ title }) => title);
      }),
  };
}

const NONE: Placing = { put: [], drop: [] };

/** What is on ends at `cutMs`; null: as it stands. */
function cutting({ put, drop }: Placing, running: ScheduleEntry | null, cutMs: number | null): Placing {
  if (running === null || cutMs === null) return { put, drop };
  const kept = cutMs > running.startMs ? [{ ...running, endMs: cutMs }] : [];
  return { put: [...kept, ...put], drop: [...drop.filter(({ id }) => id !== running.id), running] };
}

type Written = { readonly fromMs: number; readonly plan: Plan | null; readonly placing: Placing };

/** Without a plan no automatic entry is left. */
async function write({ schedule, changed }: PlannerDeps, { id }: Channel, { fromMs, plan, placing }: Written): Promise<void> {
  const entries = [...placing.put, ...(plan?.entries ?? [])];
  await schedule.rewrite({
    channelId: id,
    fromMs,
    dropped: placing.drop.map((one) => one.id),
    entries,
    progress: plan === null ? { throughMs: null, memory: null } : { throughMs: plan.throughMs, memory: plan.memory },
  });
  changed(id, Math.min(fromMs, ...placing.drop.map(({ endMs }) => endMs), ...placing.put.map(({ endMs }) => endMs)));
}

/** Coming entries whose item may no longer air. */
function goneFrom({ old, items, clips }: ReflowInput): readonly ScheduleEntry[] {
  const keys = old.flatMap(({ item }) => (item ? [itemKey(item)] : []));
  const there = [items, clips].map((list) => byKeyOf(keys, list));
  return old.filter(({ item }) => item !== null && !there.some((found) => found.has(itemKey(item))));
}

type Standing = { readonly running: ScheduleEntry | null; readonly input: ReflowInput };

/** What is on, and what stands from its end on. */
async function standing(deps: PlannerDeps, channel: Channel): Promise<Standing> {
  const { schedule, clock } = deps;
  const nowMs = floorSecond(clock.now());
  const running = await schedule.at(channel.id, nowMs);
  const fromMs = running?.endMs ?? nowMs;
  const { throughMs, memory } = await schedule.progress(channel.id);
  const coming = await schedule.range(channel.id, fromMs, fromMs + EVER_MS);
  const input = {
    ...inputOf(deps, channel),
    memory: memory as PlanMemory | null,
    fixed: coming.filter(({ origin }) => origin === 'manual'),
    old: coming.filter(({ origin }) => origin === 'auto'),
    fromMs,
    toMs: Math.max(throughMs ?? 0, fromMs),
  };
  return { running, input };
}

const inputOf = ({ source, timeZone }: PlannerDeps, channel: PlannedChannel) => {
  const { items, clips } = source.playable(channel);
  return { channel, items: channel.scheduleType === 'manual' ? [] : items, clips, zone: timeZone };
};

/** A manual channel gets filler alone, and only where it wants any. */
const isFilled = ({ scheduleType, rules }: PlannedChannel, { items }: { readonly items: readonly unknown[] }): boolean =>
  scheduleType === 'manual' ? rules.filler.kind !== 'next_show' : items.length > 0;

/** One change of a channel after the other. */
function createQueue() {
  const last = new Map<number, Promise<unknown>>();
  return <T>(channelId: number, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(channelId) ?? Promise.resolve()).then(work, work);
    const settled = mine.catch(() => {}); // the caller hears of it
    last.set(channelId, settled);
    void settled.then(() => {
      if (last.get(channelId) === settled) last.delete(channelId);
    });
    return mine;
  };
}

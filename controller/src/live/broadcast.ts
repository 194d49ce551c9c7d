// What one channel sends while it is watched: time line, programmes and slates joined; asked in ticks for the frames that are due.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ChannelLook, LiveSession } from '../on-air/live-messages.ts';
import type { Picture } from '../on-air/picture.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import { type FeedDeps, openFeed } from './feed.ts';
import { createFeedSet, type FeedSet } from './feed-set.ts';
import { dropBefore, planEnd, replaceFrom, stepAt } from './plan-book.ts';
import { createPlayOut } from './play-out.ts';
import { createSessionHealth } from './session-health.ts';
import { createSessionSlates } from './session-slates.ts';
import type { Slates } from './slates.ts';
import { createTimeLine, FIRST_TICKS, TICKS_PER_MS } from './time-line.ts';
import { createSplicer, type Splicer } from './transport-stream/splicer.ts';
import type { PlacedUnit } from './transport-stream/unit.ts';

/** At the first tune-in the time line begins so far behind: what the programme brings at once, and the slate before it. */
const PROGRAMME_BURST_MS = 2_500;
const SLATE_BURST_MS = 500;
/** About what ffmpeg takes to its first frame. */
const OPENING_MS = 400;
const BEHIND_MS = 300;
/** Steps that ended are kept for their end: a programme may still be on its last frames. */
const KEEP_MS = 60_000;
/** An audio frame of AAC. */
const AUDIO_SAMPLES = 1_024;

export type BroadcastDeps = {
  readonly look: ChannelLook;
  /** Empty for a pre-warm. */
  readonly steps: readonly PlanStep[];
  /** A pre-warm: the slate alone, in real time. */
  readonly slateOnly: boolean;
  readonly feed: Omit<FeedDeps, 'picture' | 'watermark' | 'clock' | 'onUnits'>;
  readonly slates: Slates;
  /** For the time on a fault card; the machine's own where absent. */
  readonly zone: string | undefined;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  /** The table that is known ends at `fromMs`, within 2 min. */
  readonly wantsPlan: (fromMs: number) => void;
  readonly itemFailed: (entryId: string, reason: string) => void;
  /** Frames came while none was there to send. */
  readonly wake: () => void;
};

export type Broadcast = {
  /** The frames that are due, in order. */
  tick(): readonly PlacedUnit[];
  hasBegun(): boolean;
  /** A programme is on that has not come up with the live edge yet. */
  isBehind(): boolean;
  plan(fromMs: number, steps: readonly PlanStep[]): void;
  state(): Omit<LiveSession, 'viewers'>;
  stop(): void;
};

export function createBroadcast(deps: BroadcastDeps): Broadcast {
  const { look, clock, log } = deps;
  const { picture } = look;
  const health = createSessionHealth(clock, log);
  let steps = deps.steps;
  const originMs = beginningOf(steps, health.startedMs) - SLATE_BURST_MS - OPENING_MS;
  const timeLine = createTimeLine(clock, originMs);
  const { splicer, frameTicks } = openSplicer(picture);
  const slates = createSessionSlates({ look, slates: deps.slates, zone: deps.zone });
  const feeds = createFeedSet({
    steps: () => steps,
    open: (order) =>
      openFeed(order, {
        ...{ ...deps.feed, picture, watermark: look.watermark, clock },
        onUnits: () => playOut.current() ?? deps.wake(),
      }),
    onFailed(step, reason) {
      slates.fault(step, steps);
      deps.itemFailed(step.entryId, reason);
    },
    ...{ clock, log },
  });
  const onNow = (): PlanStep | null => stepAt(steps, timeLine.liveMs());
  const playOut = createPlayOut({
    ...{ splicer, timeLine, frameTicks, gopTicks: frameTicks * picture.gop },
    ...{ feedAt: feeds.feedAt, endOf: feeds.endOf },
    slate: () => slates.at(deps.slateOnly ? 'pre-warm' : onNow(), troubleOf(feeds, onNow())),
    onJoin: (feed, lateTicks) => health.joined(feed.step, lateTicks / TICKS_PER_MS),
  });
  const askFrom = (ms: number): void => deps.wantsPlan(Math.floor(ms));
  const startOver = (): void => {
    log.warn({}, 'the clock was set; the channel goes on where its schedule is now');
    playOut.drop();
    feeds.stop();
    // Set back: what is on now again was forgotten when it ended.
    askFrom(timeLine.liveMs());
  };
  return {
    tick() {
      if (timeLine.follow(playOut.frontTicks(), 0)) startOver();
      const liveMs = timeLine.liveMs();
      steps = dropBefore(steps, liveMs - KEEP_MS);
      if (!deps.slateOnly) {
        feeds.follow(liveMs, playOut.current(), health.isCold());
        const knownMs = planEnd(steps, liveMs);
        if (health.isPlanDue(knownMs, liveMs)) askFrom(knownMs);
      }
      // The first slate goes at the pace of a clock from where it began: the programme finds its place free.
      const slateMs = health.isCold() ? originMs + SLATE_BURST_MS + health.sinceStartMs() : liveMs;
      return playOut.advance(timeLine.ticksOf(liveMs), timeLine.ticksOf(slateMs));
    },
    hasBegun: () => playOut.frontTicks() > FIRST_TICKS,
    isBehind: () => playOut.current() !== null && timeLine.liveMs() - timeLine.msOf(playOut.frontTicks()) > BEHIND_MS,
    plan(fromMs, next) {
      const knownMs = planEnd(steps, 0);
      steps = replaceFrom(steps, fromMs, next);
      // An answer that has nothing more is not asked for again at once.
      if (planEnd(steps, 0) > knownMs) health.planCame();
    },
    state() {
      const current = playOut.current();
      const instead = troubleOf(feeds, onNow()) === 'none' ? 'slate' : 'card';
      const late = current === null ? 0 : health.lateMs();
      return {
        ...{ channel: look.channel, startedMs: health.startedMs, tuneInMs: health.tuneInMs() },
        ...{ entryId: (current?.step ?? onNow())?.entryId ?? null, showing: current === null ? instead : 'programme' },
        driftMs: Math.round(timeLine.liveMs() - timeLine.msOf(playOut.frontTicks()) + late),
        lastGapMs: health.boundaries() > 0 ? splicer.lastGapTicks() / TICKS_PER_MS : null,
        ...{ boundaries: health.boundaries(), speed: current?.speed() ?? null, restarts: feeds.restarts() },
      };
    },
    stop: feeds.stop,
  };
}

function openSplicer({ rate, audio }: Picture): { readonly splicer: Splicer; readonly frameTicks: number } {
  const frameTicks = (90_000 * rate.den) / rate.num;
  const audioFrameTicks = (90_000 * AUDIO_SAMPLES) / audio.sampleRate;
  return { splicer: createSplicer({ frameTicks, audioFrameTicks, startTicks: FIRST_TICKS }), frameTicks };
}

/** Where the first programme begins to be shown: some seconds back, but not before its own start. */
const beginningOf = (steps: readonly PlanStep[], nowMs: number): number =>
  Math.max(stepAt(steps, nowMs)?.startMs ?? 0, nowMs - PROGRAMME_BURST_MS);

const troubleOf = (feeds: FeedSet, step: PlanStep | null): ReturnType<FeedSet['troubleOf']> =>
  step === null ? 'none' : feeds.troubleOf(step);

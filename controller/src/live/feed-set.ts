// Which programmes of one channel run: the one that is on, the next ones some seconds early, and again the one that broke off.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import type { Feed, FeedOrder } from './feed.ts';
import { stepAfter, stepAt, stepKey } from './plan-book.ts';

/** How early a successor starts: time to open its file, to fail, and to be begun again. */
const LEAD_MS = 15_000;
/** Short clips: more than one begins within the lead. */
const MAX_AHEAD = 2;
/** Behind the live edge at the first tune-in: what viewers get in hand. */
const BURST_MS = 2_500;
/** About what ffmpeg takes to its first frame: one that is to join a running channel begins so far ahead. */
const OPENING_MS = 500;
/** A programme that began just now is shown from its start, a little late, instead of without it. */
const JUST_BEGUN_MS = 1_500;
const FIRST_BYTES_MS = 10_000;
const SILENCE_MS = 3_000;
/** Less is not worth an ffmpeg. */
const LEAST_MS = 500;
/** So far behind, one that still makes frames is begun again where it should be: too slow for real time, it would never catch up. */
const TOO_FAR_BEHIND_MS = 5_000;
/** Missing at its end without any complaint of ffmpeg. */
const SHORT_MS = 3_000;
/** A file that broke off is begun again at once; a media server that restarts takes 4 to 12 s, so it is tried on, ever more seldom. */
const WAITS_MS = [0, 2_000, 4_000, 8_000, 15_000] as const;
const LAST_WAIT_MS = 30_000;
/** From the third time on the card stands, and it is told. */
const FAILED_AFTER = 3;
/** What ran so long is no bad file. */
const GOOD_RUN_MS = 300_000;

export type FeedSetDeps = {
  readonly steps: () => readonly PlanStep[];
  readonly open: (order: FeedOrder) => Feed;
  readonly onFailed: (step: PlanStep, reason: string) => void;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
};

type Trouble = { deaths: number; notBefore: number; failed: boolean };

export type FeedSet = {
  /** Opens and ends what the schedule asks for at `edgeMs`. `isCold`: nothing was shown yet. */
  follow(edgeMs: number, current: Feed | null, isCold: boolean): void;
  feedAt(ms: number): Feed | null;
  /** The schedule's end of what it plays; null where the schedule has it no more. */
  endOf(feed: Feed): number | null;
  /** How the step fares: `failed` shows the card, until a later try succeeds. */
  troubleOf(step: PlanStep): 'none' | 'broke off' | 'failed';
  restarts(): number;
  stop(): void;
};

export function createFeedSet({ steps, open, onFailed, clock, log }: FeedSetDeps): FeedSet {
  let feeds: readonly Feed[] = [];
  const troubles = new Map<string, Trouble>();
  let restarts = 0;
  let isSlowTold = false;
  const fail = (feed: Feed, step: PlanStep, reason: string): void => {
    feed.stop();
    feeds = feeds.filter((one) => one !== feed);
    const known = troubles.get(feed.key) ?? { deaths: 0, notBefore: 0, failed: false };
    const deaths = feed.readUpToMs() - feed.atMs > GOOD_RUN_MS ? 1 : known.deaths + 1;
    const wait = WAITS_MS[deaths - 1] ?? LAST_WAIT_MS;
    troubles.set(feed.key, { deaths, notBefore: clock.monotonic() + wait, failed: deaths >= FAILED_AFTER });
    restarts++;
    const fields = { entry: step.entryId, title: step.title, reason, attempt: deaths };
    if (deaths < FAILED_AFTER) log.warn(fields, 'a programme broke off; it is begun again where it should be now');
    else if (deaths > FAILED_AFTER) log.debug(fields, 'a programme still cannot be played');
    else {
      log.error(fields, 'a programme cannot be played; a card stands in its place until it can');
      onFailed(step, reason);
    }
  };
  const overtake = (feed: Feed): void => {
    feed.stop();
    feeds = feeds.filter((one) => one !== feed);
    restarts++;
    tellSlow(feed, isSlowTold ? log.debug : log.warn);
    isSlowTold = true;
  };
  const openStep = (step: PlanStep, atMs: number, edgeMs: number): void => {
    if (step.endMs - atMs < LEAST_MS) return;
    feeds = [...feeds, open({ step, atMs: Math.round(atMs), hurry: atMs < edgeMs + 2 * OPENING_MS })];
  };
  const follow = (edgeMs: number, current: Feed | null, isCold: boolean): void => {
    const due = dueSteps(steps(), edgeMs);
    const dueKeys = new Set(due.map(stepKey));
    for (const feed of feeds) if (feed !== current && !dueKeys.has(feed.key)) feed.stop();
    feeds = feeds.filter((feed) => feed === current || dueKeys.has(feed.key));
    for (const key of troubles.keys()) if (!dueKeys.has(key)) troubles.delete(key);
    for (const step of due) {
      const own = feeds.filter(({ key }) => key === stepKey(step));
      const slow = own.find((feed) => isTooSlow(feed, edgeMs));
      if (slow !== undefined) overtake(slow);
      const last = slow === undefined ? own.at(-1) : undefined;
      const reason = last === undefined ? null : complaint(last, step);
      // The one on the air that ended is kept while it has frames: its successor begins where they end.
      if (last !== undefined && reason !== null) fail(last, step, reason);
      else if (last !== undefined && !endedBefore(last, step)) continue;
      const trouble = troubles.get(stepKey(step));
      if (clock.monotonic() < (trouble?.notBefore ?? 0)) continue;
      openStep(step, placeOf({ step, edgeMs, isCold, after: last ?? null }), edgeMs);
    }
  };
  return {
    follow,
    feedAt(ms) {
      const step = stepAt(steps(), ms);
      if (step === null) return null;
      const key = stepKey(step);
      return feeds.find((feed) => feed.key === key && (feed.ended() === null || feed.queued().length > 0)) ?? null;
    },
    endOf: (feed) => steps().find((step) => stepKey(step) === feed.key)?.endMs ?? null,
    troubleOf(step) {
      const trouble = troubles.get(stepKey(step));
      if (trouble === undefined) return 'none';
      return trouble.failed ? 'failed' : 'broke off';
    },
    restarts: () => restarts,
    stop() {
      for (const feed of feeds) feed.stop();
      feeds = [];
    },
  };
}

/** What plays at `edgeMs` and what is to be made ready. */
function dueSteps(steps: readonly PlanStep[], edgeMs: number): readonly PlanStep[] {
  const due = [stepAt(steps, edgeMs)];
  for (let next = stepAfter(steps, edgeMs); next !== null && due.length <= MAX_AHEAD; next = stepAfter(steps, next.startMs)) {
    if (next.startMs > edgeMs + LEAD_MS) break;
    due.push(next);
  }
  return due.filter((step) => step !== null);
}

/** Why it is to be begun again; null while it runs, and where it ended as it should. */
function complaint(feed: Feed, step: PlanStep): string | null {
  const ended = feed.ended();
  if (ended === null) {
    const limit = feed.hasBegun() ? SILENCE_MS : FIRST_BYTES_MS;
    return feed.silentMs() > limit ? `nothing came for ${limit / 1000} s` : null;
  }
  if (ended.problem !== null) return ended.problem;
  const missing = Math.min(feed.step.endMs, step.endMs) - feed.readUpToMs();
  return missing > SHORT_MS && step.transport === 'encode' ? `it ended ${Math.round(missing / 1000)} s before its end` : null;
}

const isTooSlow = (feed: Feed, edgeMs: number): boolean =>
  feed.ended() === null && feed.hasBegun() && edgeMs - feed.readUpToMs() > TOO_FAR_BEHIND_MS;

const tellSlow = (feed: Feed, tell: Log['warn']): void =>
  tell(
    { entry: feed.step.entryId, title: feed.step.title, speed: feed.speed() },
    'ffmpeg is slower than real time; it is begun again where the programme is now',
  );

/** It ended in order, but the schedule lasts longer now. */
const endedBefore = (feed: Feed, step: PlanStep): boolean =>
  feed.ended() !== null && step.endMs - feed.step.endMs > SHORT_MS && step.endMs - feed.readUpToMs() > SHORT_MS;

type Placing = { readonly step: PlanStep; readonly edgeMs: number; readonly isCold: boolean; readonly after: Feed | null };

/** Where on the schedule a programme begins to be played. */
function placeOf({ step, edgeMs, isCold, after }: Placing): number {
  if (after?.hasBegun() === true && after.readUpToMs() > edgeMs) return after.readUpToMs();
  if (step.startMs >= edgeMs) return step.startMs;
  if (isCold) return Math.max(step.startMs, edgeMs - BURST_MS);
  return after === null && edgeMs - step.startMs < JUST_BEGUN_MS ? step.startMs : edgeMs + OPENING_MS;
}

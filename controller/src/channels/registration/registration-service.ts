// Keeps the channels registered in Live TV of the media servers: by a call or by the configuration, repaired, refreshed, removed, pre-warmed.
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createTurns, type Turns } from '../../neighbours/turns.ts';
import { carryOut, type RegistrationServer } from './carry-out.ts';
import { type Addresses, isGuideFresh, planRegistration } from './plan-registration.ts';
import { type PreWarmDeps, warmServer } from './pre-warm.ts';
import { createRefreshDebounce } from './refresh-debounce.ts';
import type { RegistrationStore } from './registration-store.ts';
import { takeLogosAway } from './renew-logos.ts';
import { readStatus, type ServerStatus } from './server-status.ts';

export type RegistrationDeps = {
  readonly servers: readonly RegistrationServer[];
  /** With the token of this server in them; made if there is none yet. */
  readonly addresses: (server: string) => Promise<Addresses>;
  readonly isOurs: (url: string) => boolean;
  readonly store: RegistrationStore;
  /** Of the configuration: register by itself wherever no operator has decided. */
  readonly byItself: boolean;
  readonly warming: Pick<PreWarmDeps, 'channels' | 'isTuned' | 'begin' | 'end'>;
  readonly clock: Clock;
  readonly log: Log;
};

/** All names are those of the configuration; null is every server. */
export type LiveTvRegistration = {
  /** Idempotent. @throws ControllerError of the first server that fails, after all were tried; not_found for a name that is none */
  register(server: string | null, signal: AbortSignal): Promise<void>;
  /** Takes away what is ours; it stays away until `register`. */
  unregister(server: string | null, signal: AbortSignal): Promise<void>;
  status(signal: AbortSignal): Promise<readonly ServerStatus[]>;
  /** The schedule changed: one refresh for all changes of a while. */
  scheduleChanged(): void;
  /** A channel came, went or was changed: the same, sooner. */
  channelsChanged(): void;
  /** A channel of ours has another logo. */
  logoChanged(channel: string): void;
  /** Until the signal fires; never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

/** Between two looks at a server where all is well. */
const LOOK_MS = 10 * 60_000;
const FIRST_RETRY_MS = 15_000;
/** The guide's task makes the channels there; it takes 3 s and more. */
const GUIDE_MS = 10_000;
/** The loop's own step. */
const STEP_MS = 5_000;

/** What is known of one server between the steps. */
type Place = {
  readonly server: RegistrationServer;
  readonly turns: Turns;
  problem: string | null;
  failures: number;
  nextLookAt: number;
  nextWarmAt: number;
  /** The schedule changed, and this server was not asked yet to look. */
  owesRefresh: boolean;
  /** Channels whose logo there is an old one. */
  readonly oldLogos: Set<string>;
  warmFailures: number;
};

const backOff = (failures: number): number => Math.min(LOOK_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));

const createPlace = (server: RegistrationServer): Place => ({
  server,
  turns: createTurns(1),
  problem: null,
  failures: 0,
  nextLookAt: 0,
  nextWarmAt: 0,
  owesRefresh: false,
  oldLogos: new Set(),
  warmFailures: 0,
});

/** One log line at a change of state, whatever was tried. */
const tell = (place: Place, problem: string | null, log: Log): void => {
  const fields = { server: place.server.name };
  if (problem !== null && place.problem === null) log.warn({ ...fields, problem }, 'Live TV is not registered as it should be');
  if (problem === null && place.problem !== null) log.info(fields, 'Live TV is registered as it should be again');
  place.problem = problem;
  place.failures = problem === null ? 0 : place.failures + 1;
};

const createWork = (deps: RegistrationDeps) => {
  const { store, clock, log, isOurs } = deps;
  const isWanted = (name: string): boolean => store.get(name).wanted ?? deps.byItself;

  /** Looks, plans, carries out, remembers. */
  const bringAbout = async (place: Place, renewGuide: boolean, signal: AbortSignal): Promise<void> => {
    const { server } = place;
    const wanted = isWanted(server.name) ? await deps.addresses(server.name) : null;
    const before = store.get(server.name);
    const standing = await server.registered(signal);
    const plan = planRegistration({ standing, wanted, remembered: before, isOurs, renewGuide });
    const done = await carryOut(server, plan, signal);
    const guideSavedMs = wanted === null ? null : done.savedGuide ? clock.now() : before.guideSavedMs;
    const { tunerHostId, listingProviderId } = done;
    const same = before.tunerHostId === tunerHostId && before.listingProviderId === listingProviderId;
    if (!same || before.guideSavedMs !== guideSavedMs)
      await store.set(server.name, { ...before, tunerHostId, listingProviderId, guideSavedMs });
    // Another tuner, or another address of it: all its channels are new ones there.
    if (done.savedTuner || wanted === null) await store.forgetWarmth(server.name);
    if (done.savedTuner) place.nextWarmAt = clock.monotonic() + GUIDE_MS;
    if (plan.steps.length > 0)
      log.info({ server: server.name, steps: plan.steps.map((step) => step.do) }, 'Live TV registration changed');
  };

  /** In turn with whoever else works at this server. @throws ControllerError */
  const settle = async (place: Place, renewGuide: boolean, signal: AbortSignal): Promise<void> => {
    try {
      await place.turns.take(signal, () => bringAbout(place, renewGuide, signal));
      tell(place, null, log);
    } catch (error) {
      if (isAbort(error) || signal.aborted) throw error;
      tell(place, messageOf(error), log);
      throw error;
    } finally {
      place.nextLookAt = clock.monotonic() + (place.problem === null ? LOOK_MS : backOff(place.failures));
    }
  };

  /** Within an hour of the last fetch, only a provider with a new id is fetched again. */
  const refresh = async (place: Place, signal: AbortSignal): Promise<void> => {
    const { server, oldLogos } = place;
    if (oldLogos.size > 0) await takeLogosAway(server, oldLogos, deps.warming.channels(), signal);
    const { guideSavedMs } = store.get(server.name);
    const { lastEndMs } = await server.guideTask(signal);
    const fetched = [guideSavedMs, lastEndMs].filter((at) => at !== null);
    if (isGuideFresh(fetched.length === 0 ? null : Math.max(...fetched), clock.now())) await settle(place, true, signal);
    else await place.turns.take(signal, () => server.refreshGuide(signal));
    place.owesRefresh = false;
    // A channel may have come with the schedule.
    place.nextWarmAt = Math.min(place.nextWarmAt, clock.monotonic() + GUIDE_MS);
  };

  const warm = async (place: Place, signal: AbortSignal): Promise<void> => {
    place.nextWarmAt = clock.monotonic() + LOOK_MS;
    const round = await warmServer({ ...deps.warming, store, clock, log }, place.server, signal);
    const waits = round.kind !== 'done' && round.kind !== 'nothing-due';
    place.warmFailures = waits ? place.warmFailures + 1 : 0;
    if (round.kind === 'failed' && place.warmFailures === 1)
      log.warn({ server: place.server.name, problem: round.problem }, 'channels could not be warmed; tried again later');
    if (waits) place.nextWarmAt = clock.monotonic() + backOff(place.warmFailures);
    if (round.kind === 'done' && round.left > 0) place.nextWarmAt = clock.monotonic();
  };
  return { isWanted, settle, refresh, warm };
};

/** Asks nothing before its first call. */
export const createLiveTvRegistration = (deps: RegistrationDeps): LiveTvRegistration => {
  const { servers, store, clock, log } = deps;
  const places = servers.map(createPlace);
  const work = createWork(deps);
  const changes = createRefreshDebounce(clock);

  const named = (name: string | null): readonly Place[] => {
    const found = name === null ? places : places.filter(({ server }) => server.name === name);
    if (found.length > 0) return found;
    const problem =
      name === null ? 'no Jellyfin is configured; add one to media_servers' : `there is no Jellyfin named "${name}"`;
    throw new ControllerError(name === null ? 'input_invalid' : 'not_found', problem);
  };

  const decide = async (name: string | null, wanted: boolean, signal: AbortSignal): Promise<void> => {
    const chosen = named(name);
    for (const { server } of chosen) await store.set(server.name, { ...store.get(server.name), wanted });
    const results = await Promise.allSettled(chosen.map((place) => work.settle(place, false, signal)));
    const failed = results.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  };

  /** A failure is told where it happened, and the next look comes later. */
  const quietly = async (doing: Promise<void>, signal: AbortSignal): Promise<void> =>
    await doing.catch((error: unknown) => {
      if (!signal.aborted) log.debug({ problem: messageOf(error) }, 'tried again later');
    });

  const step = async (place: Place, signal: AbortSignal): Promise<void> => {
    const { tunerHostId } = store.get(place.server.name);
    const wanted = work.isWanted(place.server.name);
    // What was to be taken away while the server was down is taken away later.
    if ((wanted || tunerHostId !== null || place.problem !== null) && clock.monotonic() >= place.nextLookAt)
      await quietly(work.settle(place, false, signal), signal);
    if (!wanted || place.problem !== null) return;
    if (place.owesRefresh) await quietly(work.refresh(place, signal), signal);
    if (clock.monotonic() >= place.nextWarmAt) await quietly(work.warm(place, signal), signal);
  };

  return {
    register: (name, signal) => decide(name, true, signal),
    unregister: (name, signal) => decide(name, false, signal),
    status: (signal) =>
      Promise.all(
        places.map(({ server, problem }) =>
          readStatus(
            {
              server,
              problem,
              wanted: work.isWanted(server.name),
              isOurs: deps.isOurs,
              store,
              channels: deps.warming.channels(),
            },
            signal,
          ),
        ),
      ),
    scheduleChanged: () => changes.note(false),
    channelsChanged: () => changes.note(true),
    logoChanged(channel) {
      for (const { oldLogos } of places) oldLogos.add(channel);
      changes.note(false);
    },
    async run(signal) {
      while (!signal.aborted) {
        if (changes.take()) for (const place of places) place.owesRefresh = true;
        // One server after the other: channels are warmed one at a time.
        for (const place of places) await step(place, signal);
        await clock.sleep(STEP_MS, signal).catch(() => {});
      }
    },
  };
};

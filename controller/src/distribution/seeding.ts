// Seeds what it is told to: one hash at a time, then into the manifests, then to whoever asks. What was asked for is done, also over restarts.
import { ControllerError, isAbort, messageOf } from '../errors.ts';
import { createListeners } from '../listeners.ts';
import { createBell } from '../neighbours/bell.ts';
import { mergePlaces, type Seed, type SeedPlace } from './seed.ts';
import { lookAtSource, type SeedSource } from './seed-source.ts';
import { hashAndList, list, lookAgain, type Running, type SeedingDeps, takeAway, tellFailed } from './seed-work.ts';

export type { SeedingDeps, SeedingEvent } from './seed-work.ts';

export type Seeding = {
  /** Places of the same path, unchanged, are one seed. Durable when it resolves. @throws ControllerError denied, not_found, input_invalid, conflict */
  ask(path: string, place: (source: SeedSource) => SeedPlace): Promise<Seed>;
  /** As it is once it is not pending any more, or when the time is over. @throws ControllerError not_found; AbortError */
  settled(id: string, ms: number, signal: AbortSignal): Promise<Seed>;
  /** Bytes hashed of a pending one. */
  hashedBytes(id: string): number;
  /** Nobody gets it from here any more. The items that manifests have of it go only where `withItems`. False where there is none. */
  remove(id: string, withItems: boolean): Promise<boolean>;
  /** Resumes, hashes and looks after what is seeded until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

/** As the torrent process takes. */
const MAX_SEEDS = 5_000;
const MAX_PLACES = 100;
/** How often it is looked whether the files are still those that were hashed. */
const LOOK_EACH_MS = 300_000;
/** Before another try where the torrent process does not answer. */
const RETRY_MS = 5_000;
const LONG_RETRY_MS = 60_000;

export function createSeeding(deps: SeedingDeps): Seeding {
  const state: Running = {
    ...deps,
    changed: createListeners(),
    bell: createBell(deps.clock),
    job: null,
    asking: Promise.resolve(),
    seeded: new Set(),
  };
  const { seeds, engine } = deps;
  return {
    ask(path, place) {
      const mine = state.asking.then(() => ask(state, path, place));
      state.asking = mine.catch(() => {});
      return mine;
    },
    settled: (id, ms, signal) => settled(state, id, ms, signal),
    hashedBytes: (id) => (state.job?.id === id ? state.job.bytes : 0),
    async remove(id, withItems) {
      const seed = seeds.get(id);
      if (seed === null) return false;
      if (state.job?.id === id) state.job.ending.abort();
      await seeds.remove(id);
      const hash = seed.content?.infoHash;
      if (hash !== undefined && seeds.byHash(hash) === null) {
        state.seeded.delete(hash);
        await engine.remove(hash);
      }
      if (withItems && hash !== undefined) await takeAway(state, seed, hash);
      state.changed.tell();
      return true;
    },
    run: (signal) => run(state, signal),
  };
}

async function ask(state: Running, path: string, place: (source: SeedSource) => SeedPlace): Promise<Seed> {
  const { seeds, clock, newId } = state;
  const source = await lookAtSource(path, state.roots);
  const wanted = place(source);
  const known = seeds.all().find((one) => one.path === source.path && one.size === source.size && one.mtimeMs === source.mtimeMs);
  if (known === undefined && seeds.all().length >= MAX_SEEDS)
    throw new ControllerError('conflict', `${MAX_SEEDS} things are seeded already; remove one first`);
  const before = known ?? {
    ...{ id: newId(), path: source.path, size: source.size, mtimeMs: source.mtimeMs, state: 'pending' as const },
    ...{ problem: null, places: [], content: null, createdAt: clock.now() },
  };
  const places = mergePlaces(before.places, [wanted]);
  if (places.length > MAX_PLACES) throw new ControllerError('conflict', `it is in ${MAX_PLACES} places already`);
  const seed: Seed = { ...before, places, ...(before.state === 'failed' ? { state: 'pending' as const, problem: null } : {}) };
  if (seed.state === 'active' && seed.content !== null) await list(state, seed.content, [wanted]);
  await seeds.put(seed);
  if (seed.state === 'pending') state.bell.ring();
  return seed;
}

async function settled(state: Running, id: string, ms: number, signal: AbortSignal): Promise<Seed> {
  const now = (): Seed => {
    const seed = state.seeds.get(id);
    if (seed === null) throw new ControllerError('not_found', `there is no seed "${id}"`);
    return seed;
  };
  if (now().state !== 'pending') return now();
  const waiting = new AbortController();
  const end = state.changed.on(() => {
    if (state.seeds.get(id)?.state !== 'pending') waiting.abort();
  });
  await state.clock.sleep(ms, AbortSignal.any([signal, waiting.signal])).catch((error: unknown) => {
    if (!isAbort(error)) throw error;
  });
  end();
  signal.throwIfAborted();
  return now();
}

async function run(state: Running, signal: AbortSignal): Promise<void> {
  const { clock, seeds, log } = state;
  let lookAt = clock.monotonic();
  while (!signal.aborted) {
    try {
      if (clock.monotonic() >= lookAt) {
        for (const seed of seeds.all()) if (!signal.aborted) await lookAgain(state, seed, signal);
        lookAt = clock.monotonic() + LOOK_EACH_MS;
      }
      const next = seeds.all().find((seed) => seed.state === 'pending');
      const waitMs = next === undefined ? lookAt - clock.monotonic() : await work(state, next, signal);
      if (waitMs > 0) await state.bell.wait(waitMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error }, 'seeding stumbled');
      await clock.sleep(LONG_RETRY_MS, signal).catch(() => {});
    }
  }
}

/** Hashes, lists and seeds one. Answers with ms to wait before the next. */
async function work(state: Running, seed: Seed, signal: AbortSignal): Promise<number> {
  const ending = new AbortController();
  state.job = { id: seed.id, bytes: 0, ending };
  try {
    await hashAndList(state, seed, AbortSignal.any([signal, ending.signal]));
    return 0;
  } catch (error) {
    signal.throwIfAborted();
    // Removed while it was hashed.
    const now = state.seeds.get(seed.id);
    if (now === null) return 0;
    const problem = messageOf(error);
    if (isPassing(error)) {
      if (now.problem !== problem) state.log.warn({ path: seed.path, problem }, 'seeding waits');
      await state.seeds.put({ ...now, problem });
      return mayBeQuick(error) ? RETRY_MS : LONG_RETRY_MS;
    }
    await state.seeds.put({ ...now, state: 'failed', problem });
    tellFailed(state, seed, problem);
    return 0;
  } finally {
    state.job = null;
    state.changed.tell();
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

/** The torrent process is starting again. */
const mayBeQuick = (error: unknown): boolean => ['unavailable', 'timeout'].includes(String(codeOf(error)));

/** Nothing is wrong with the files: it is not installed, or our disk is full. */
const isPassing = (error: unknown): boolean =>
  mayBeQuick(error) || ['not_installed', 'storage_failed'].includes(String(codeOf(error)));

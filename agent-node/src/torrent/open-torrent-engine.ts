// The way to the torrent process, for the node and for the controller's seeder: keeps what is wanted, and says it again to each new process.
import { metainfoOf } from './check-order.ts';
import { EngineError } from './engine-error.ts';
import { hashOrder, torrentOrder } from './engine-messages.ts';
import { createEngineProcess } from './engine-process.ts';
import { createQuestions } from './engine-questions.ts';
import { ended, forget, heard, type Kept, NO_RATES, sayNext, started } from './kept-torrents.ts';
import type {
  HashedTorrent,
  HashOptions,
  TorrentEngine,
  TorrentEngineSettings,
  TorrentOrder,
  TorrentState,
} from './torrent-engine.ts';

export { EngineError, type EngineErrorCode } from './engine-error.ts';
export type {
  EngineLog,
  FileStamp,
  HashedTorrent,
  HashOptions,
  TorrentEngine,
  TorrentEngineSettings,
  TorrentFile,
  TorrentLimits,
  TorrentOrder,
  TorrentRates,
  TorrentState,
} from './torrent-engine.ts';

const MOST_TORRENTS = 5_000;
/** Hashing waits for its turn at the caller; this many open questions are a fault. */
const MOST_QUESTIONS = 64;
const IDLE_MS = 30_000;

/** No process is started before there is something to do. */
export function openTorrentEngine(settings: TorrentEngineSettings): TorrentEngine {
  const process = createEngineProcess({
    environment: settings.environment ?? {},
    log: settings.log,
    started: () => started(state),
    heard: (message) => heard(state, message),
    ended: () => ended(state),
  });
  const state: Kept = {
    ...{ settings, process, questions: createQuestions(process.say), wanted: new Map(), unsaid: new Set(), waiting: new Map() },
    ...{
      listeners: new Set(),
      known: new Map(),
      limits: { upBps: null, downBps: null },
      listening: null,
      problem: null,
      isFinal: false,
    },
    ...{ rates: NO_RATES, underWay: 0, startedAt: 0, restarts: 0, hasLoaded: false, movedAt: 0, idle: null, ended: false },
  };
  return {
    hash: (path, options, progress, signal) => hash(state, { path, options, progress }, signal),
    add: (order, signal) => add(state, order, signal),
    remove: (infoHash) => remove(state, infoHash),
    limit(limits) {
      state.limits = limits;
      process.say({ type: 'limits', limits });
    },
    listening: () => state.listening,
    states: () => [...state.wanted.keys()].map((infoHash) => state.known.get(infoHash) ?? unknownState(infoHash, state)),
    rates: () => state.rates,
    onChange(listener) {
      state.listeners.add(listener);
      return () => void state.listeners.delete(listener);
    },
    [Symbol.asyncDispose]: () => close(state),
  };
}

async function add(state: Kept, order: TorrentOrder, signal: AbortSignal): Promise<void> {
  const checked = torrentOrder.safeParse(order);
  if (!checked.success) throw new EngineError('input_invalid', `The order of a torrent is not taken: ${checked.error.message}`);
  metainfoOf(order);
  const { infoHash } = order;
  if (!state.wanted.has(infoHash) && state.wanted.size >= MOST_TORRENTS)
    throw new EngineError('unavailable', `There are ${MOST_TORRENTS} torrents already`);
  begin(state, signal);
  const waiting = state.waiting.get(infoHash) ?? Promise.withResolvers<void>();
  waiting.promise.catch(() => {});
  state.waiting.set(infoHash, waiting);
  state.wanted.set(infoHash, order);
  state.unsaid.add(infoHash);
  sayNext(state);
  await withSignal(waiting.promise, signal);
}

async function remove(state: Kept, infoHash: string): Promise<void> {
  forget(state, infoHash, new EngineError('unavailable', 'The torrent was removed'));
  if (state.process.running()) await state.questions.ask((id) => ({ type: 'remove', id, infoHash })).catch(() => {});
  lookIdle(state);
}

type HashJob = { readonly path: string; readonly options: HashOptions; readonly progress: (bytes: number) => void };

async function hash(state: Kept, { path, options, progress }: HashJob, signal: AbortSignal): Promise<HashedTorrent> {
  const checked = hashOrder.safeParse({ path, options });
  if (!checked.success) throw new EngineError('input_invalid', `This cannot be hashed: ${checked.error.message}`);
  if (state.questions.count() >= MOST_QUESTIONS) throw new EngineError('unavailable', 'Too much is hashed already');
  begin(state, signal);
  await state.process.settled();
  let job = 0;
  const make = (id: number) => {
    job = id;
    return { type: 'hash' as const, id, order: checked.data };
  };
  try {
    const hashed = await withSignal(state.questions.ask(make, progress), signal);
    if (hashed === undefined) throw new EngineError('unavailable', 'The torrent process answered without a hash');
    return hashed;
  } finally {
    if (signal.aborted) state.process.say({ type: 'cancel', id: job });
    lookIdle(state);
  }
}

function begin(state: Kept, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (state.ended) throw new EngineError('unavailable', 'The torrent engine is closed');
  if (state.idle !== null) clearTimeout(state.idle);
  state.idle = null;
  state.process.start();
}

function lookIdle(state: Kept): void {
  if (state.idle !== null) clearTimeout(state.idle);
  if (state.wanted.size > 0 || state.questions.count() > 0 || state.ended) return;
  state.idle = setTimeout(() => void state.process.stop(), state.settings.idleMs ?? IDLE_MS);
  state.idle.unref();
}

async function close(state: Kept): Promise<void> {
  state.ended = true;
  if (state.idle !== null) clearTimeout(state.idle);
  await state.process.stop();
  for (const infoHash of [...state.wanted.keys()])
    forget(state, infoHash, new EngineError('unavailable', 'The torrent engine is closed'));
}

const unknownState = (infoHash: string, { problem, isFinal }: Kept): TorrentState => ({
  ...{
    infoHash,
    bytesDone: 0,
    bytesInOrder: 0,
    bytesTotal: null,
    upBps: 0,
    downBps: 0,
    peers: 0,
    isDone: false,
    problem,
    isFinal,
  },
});

async function withSignal<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

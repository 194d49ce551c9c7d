// What the torrent process is to have, over all its lives: each new one is told of it again, and what it says is kept.
import { EngineError } from './engine-error.ts';
import type { FromEngine } from './engine-messages.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Questions } from './engine-questions.ts';
import type { TorrentEngineSettings, TorrentLimits, TorrentOrder, TorrentRates, TorrentState } from './torrent-engine.ts';

/** Orders that are on their way to a process: each has its .torrent file with it. */
const MOST_UNDER_WAY = 16;
const MOST_CONNECTIONS = 55;
const RESTART_ABOVE_BYTES = 400e6;
const LIVES_AT_LEAST_MS = 30_000;
const MOST_DOUBLINGS = 7;
const LITTERED_BYTES = 110e6;
const REST_MS = 5_000;

export const NO_RATES: TorrentRates = { upBps: 0, downBps: 0 };

export type Kept = {
  readonly settings: TorrentEngineSettings;
  readonly process: EngineProcess;
  readonly questions: Questions;
  /** In the order of adding. */
  readonly wanted: Map<string, TorrentOrder>;
  /** To be said to this process still. */
  readonly unsaid: Set<string>;
  /** Who waits for an order to be taken, by info hash. */
  readonly waiting: Map<string, PromiseWithResolvers<void>>;
  readonly listeners: Set<() => void>;
  readonly known: Map<string, TorrentState>;
  limits: TorrentLimits;
  rates: TorrentRates;
  listening: { readonly address: string; readonly port: number } | null;
  /** Why there is no client; null while there is one. */
  problem: string | null;
  /** It is not installed: no next process can either. */
  isFinal: boolean;
  underWay: number;
  startedAt: number;
  /** For its memory. */
  restarts: number;
  /** This process has had something to load. */
  hasLoaded: boolean;
  /** When bytes last came or went. */
  movedAt: number;
  idle: NodeJS.Timeout | null;
  ended: boolean;
};

/** A new process knows nothing. */
export function started(kept: Kept): void {
  const { settings, wanted, process } = kept;
  Object.assign(kept, { startedAt: performance.now(), movedAt: performance.now(), hasLoaded: false });
  process.say({
    type: 'settings',
    ...settings.listen,
    freeNetworks: [...(settings.freeNetworks ?? [])],
    maxConnections: settings.maxConnections ?? MOST_CONNECTIONS,
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  });
  process.say({ type: 'limits', limits: kept.limits });
  for (const infoHash of wanted.keys()) kept.unsaid.add(infoHash);
  sayNext(kept);
}

export function sayNext(kept: Kept): void {
  for (const infoHash of kept.unsaid) {
    if (kept.underWay >= MOST_UNDER_WAY || !kept.process.running()) return;
    kept.unsaid.delete(infoHash);
    const order = kept.wanted.get(infoHash);
    if (order !== undefined) void sayOne(kept, order);
  }
}

async function sayOne(kept: Kept, order: TorrentOrder): Promise<void> {
  kept.underWay += 1;
  if (order.readOnly !== true) kept.hasLoaded = true;
  try {
    await kept.questions.ask((id) => ({ type: 'add', id, order: copyOf(order) }));
    kept.waiting.get(order.infoHash)?.resolve();
    kept.waiting.delete(order.infoHash);
  } catch (error) {
    // Without a process it stays wanted: the next one is told of it.
    if (error instanceof EngineError && error.code !== 'unavailable') forget(kept, order.infoHash, error);
  } finally {
    kept.underWay -= 1;
    sayNext(kept);
  }
}

/** The message's arrays are its own. */
const copyOf = ({ stamps, files, peers, announce, ...rest }: TorrentOrder) => ({
  ...rest,
  ...{ files: [...files], peers: [...peers], announce: [...announce] },
  ...(stamps === undefined ? {} : { stamps: [...stamps] }),
});

export function forget(kept: Kept, infoHash: string, error: EngineError): void {
  kept.wanted.delete(infoHash);
  kept.unsaid.delete(infoHash);
  kept.known.delete(infoHash);
  kept.waiting.get(infoHash)?.reject(error);
  kept.waiting.delete(infoHash);
}

export function heard(kept: Kept, message: FromEngine): void {
  switch (message.type) {
    case 'up':
      kept.listening = { address: message.address, port: message.port };
      Object.assign(kept, { problem: null, isFinal: false });
      return;
    case 'broken':
      if (kept.problem !== message.message) kept.settings.log.warn({ error: message.message }, 'the torrent process cannot work');
      Object.assign(kept, { problem: message.message, isFinal: message.code === 'not_installed' });
      changed(kept);
      return;
    case 'states':
      heardStates(kept, message);
      return;
    case 'whole': {
      // A next process need not read it all again.
      const order = kept.wanted.get(message.infoHash);
      if (order !== undefined) kept.wanted.set(message.infoHash, { ...order, stamps: message.stamps });
      return;
    }
    default:
      kept.questions.heard(message);
  }
}

type States = Extract<FromEngine, { type: 'states' }>;

function heardStates(kept: Kept, { residentBytes, states, rates }: States): void {
  kept.rates = rates;
  const before = JSON.stringify([...kept.known.values()]);
  kept.known.clear();
  for (const one of states) kept.known.set(one.infoHash, one);
  if (JSON.stringify(states) !== before) changed(kept);
  if (states.some(({ upBps, downBps }) => upBps + downBps > 0)) kept.movedAt = performance.now();
  if (isLittered(kept, residentBytes)) kept.process.restart();
  else if (isTooBig(kept, residentBytes)) {
    kept.settings.log.warn({ residentBytes }, 'the torrent process has grown too big and begins anew');
    kept.startedAt = performance.now();
    kept.restarts += 1;
    kept.process.restart();
  }
}

/**
 * What a download leaves behind lies in pieces that glibc does not give back: 130 to 190 MB, where a new process with the same seeds has 80. It begins anew
 * when it rests, once, and no seed is read again for it.
 */
function isLittered({ settings, wanted, questions, hasLoaded, movedAt }: Kept, residentBytes: number): boolean {
  const { restsBelowBytes: most = LITTERED_BYTES } = settings;
  if (!hasLoaded || residentBytes < most || performance.now() - movedAt < REST_MS || questions.count() > 0) return false;
  return [...wanted.values()].every(({ readOnly, stamps }) => readOnly === true && stamps !== undefined);
}

/** Measured: a GiB to aria2c, Transmission or qBittorrent takes it to 190 MB, a thousand seeds of 2 GB to 265. So this is a net below the net. */
function isTooBig({ settings, questions, startedAt, restarts }: Kept, residentBytes: number): boolean {
  const { restartAboveBytes: most = RESTART_ABOVE_BYTES, livesAtLeastMs = LIVES_AT_LEAST_MS } = settings;
  // What has so many torrents that it is as big again is not begun anew each time.
  if (performance.now() - startedAt < livesAtLeastMs * 2 ** Math.min(restarts, MOST_DOUBLINGS)) return false;
  // A file that is being hashed would be begun again.
  return residentBytes > (questions.count() > 0 ? 2 * most : most);
}

const changed = (kept: Kept): void => {
  for (const listener of kept.listeners) listener();
};

export function ended(kept: Kept): void {
  kept.listening = null;
  kept.rates = NO_RATES;
  kept.known.clear();
  kept.questions.failAll();
  changed(kept);
}

// Polls one download client for ever: back-off while it is away, its health told at each change and no more often.
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TorrentClientListener, TorrentReading } from './download-client.ts';
import type { NeighbourHealth } from './health.ts';

export type PollOptions = {
  readonly name: string;
  /** One look. */
  readonly poll: (signal: AbortSignal) => Promise<TorrentReading>;
  /** How many writes of our own have ended. One that ends during a look may be newer than the answers: the look is done again at once. */
  readonly writes: () => number;
  /** What was known of the client is doubted from now on. */
  readonly forget?: () => void;
  readonly pollIntervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

const LONGEST_PAUSE_MS = 15_000;

/** Runs until the signal fires, and rejects then; survives everything else. */
export const pollClient = async (options: PollOptions, hear: TorrentClientListener, signal: AbortSignal): Promise<never> => {
  const { poll, writes, forget, clock, pollIntervalMs } = options;
  const say = createHealthReport(options, hear);
  let failures = 0;
  let heard = false;
  say('starting', null);
  for (;;) {
    let reading: TorrentReading | null = null;
    const before = writes();
    try {
      reading = await poll(signal);
    } catch (error) {
      signal.throwIfAborted();
      forget?.();
      failures += 1;
      const refused = error instanceof ControllerError && error.code === 'upstream_refused';
      // One lost answer of a client that was well a moment ago is no outage.
      if (refused) say('refused', messageOf(error));
      else if (!heard || failures > 1) say('unreachable', messageOf(error));
    }
    if (reading !== null) {
      if (before !== writes()) continue;
      failures = 0;
      heard = true;
      say('live', null);
      hear.reading(reading);
    }
    await clock.sleep(pauseMs(pollIntervalMs, failures), signal);
  }
};

const pauseMs = (pollIntervalMs: number, failures: number): number => {
  if (failures === 0) return pollIntervalMs;
  const doubled = pollIntervalMs * 2 ** Math.min(failures - 1, 8);
  return Math.max(pollIntervalMs, Math.min(LONGEST_PAUSE_MS, doubled)) * (0.75 + Math.random() / 2);
};

const createHealthReport = ({ name, clock, log }: PollOptions, hear: TorrentClientListener) => {
  let state: NeighbourHealth['state'] | null = null;
  let told: string | null = null;
  return (next: NeighbourHealth['state'], problem: string | null): void => {
    // Another reason to be refused is news; another way of being out of reach is not.
    if (next === state && (next !== 'refused' || problem === told)) return;
    const isNews = state !== null;
    state = next;
    told = problem;
    if (problem !== null) log.warn({ client: name, state, problem }, 'torrent client cannot be heard');
    else if (isNews) log.info({ client: name, state }, 'torrent client answers');
    hear.health({ state, since: clock.now(), problem });
  };
};

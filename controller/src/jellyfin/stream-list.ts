// Between what the server says and who listens: folds each answer, hands the list on, and again once a source is better known.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MediaServerListener } from '../neighbours/media-server.ts';
import type { Session } from './jellyfin-schemas.ts';
import { foldSessions, type Heard, type StreamMemory } from './playing-streams.ts';
import type { SourceLookup } from './source-lookup.ts';

export type StreamList = {
  /** @returns how many streams began with this answer */
  take(sessions: readonly Session[]): number;
  /** Resolves when no lookup runs any more. */
  settled(): Promise<void>;
};

export type StreamListDeps = {
  readonly sources: SourceLookup;
  readonly clockOffsetMs: () => number;
  readonly hear: MediaServerListener;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

export const createStreamList = ({ sources, clockOffsetMs, hear, clock, log, signal }: StreamListDeps): StreamList => {
  let memory: StreamMemory = new Map();
  let last: Heard | null = null;
  let lookup: Promise<void> | null = null;

  const fold = (heard: Heard): number => {
    const folded = foldSessions(memory, heard);
    memory = folded.memory;
    try {
      hear.sessions(folded.streams, heard.at);
    } catch (error) {
      log.error({ problem: messageOf(error) }, 'A listener failed on a list of streams');
    }
    return folded.began.length;
  };

  const learn = async () => {
    for (let asked: Heard | null = null; asked !== last && !signal.aborted; ) {
      asked = last;
      const news = await sources.learn(asked?.sessions ?? [], signal);
      if (news && last && !signal.aborted) fold(last);
    }
    lookup = null;
  };

  return {
    take(sessions) {
      last = {
        sessions,
        at: clock.now(),
        monotonic: clock.monotonic(),
        clockOffsetMs: clockOffsetMs(),
        sourceOf: sources.sourceOf,
      };
      const began = fold(last);
      lookup ??= learn();
      return began;
    },
    async settled() {
      await lookup;
    },
  };
};

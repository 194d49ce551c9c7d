// What was asked of the torrent process and waits for its answer.
import { EngineError } from './engine-error.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';
import type { HashedTorrent } from './torrent-engine.ts';

type Asked = {
  readonly resolve: (hashed: HashedTorrent | undefined) => void;
  readonly reject: (error: EngineError) => void;
  readonly progress: (bytes: number) => void;
};

export type Questions = {
  /** How many wait. */
  readonly count: () => number;
  /** @param make the message, with the id that its answer will have. @throws EngineError as the process says, or where it ends meanwhile. */
  ask(make: (id: number) => ToEngine, progress?: (bytes: number) => void): Promise<HashedTorrent | undefined>;
  heard(message: Extract<FromEngine, { type: 'done' | 'failed' | 'progress' }>): void;
  /** The process has ended. */
  failAll(): void;
};

export function createQuestions(say: (message: ToEngine) => boolean): Questions {
  const asked = new Map<number, Asked>();
  let nextId = 1;
  return {
    count: () => asked.size,
    ask(make, progress = () => {}) {
      const { promise, resolve, reject } = Promise.withResolvers<HashedTorrent | undefined>();
      const id = nextId++;
      asked.set(id, { resolve, reject, progress });
      if (!say(make(id))) reject(new EngineError('unavailable', 'The torrent process does not run'));
      return promise.finally(() => asked.delete(id));
    },
    heard(message) {
      const one = asked.get(message.id);
      if (message.type === 'progress') one?.progress(message.bytes);
      else if (message.type === 'done') one?.resolve(message.hashed);
      else one?.reject(new EngineError(message.code, message.message));
    },
    failAll() {
      for (const { reject } of asked.values()) reject(new EngineError('unavailable', 'The torrent process ended'));
    },
  };
}

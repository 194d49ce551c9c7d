// sha256 beside the event loop: this machine's processor may do no more than 350 MB/s of it, and a download should not wait for that.
import { Worker } from 'node:worker_threads';
import { AgentError } from '../errors.ts';
import type { HashAnswer, HashOrder } from './hash-worker.ts';

export type Hashing = {
  /** The first `bytes` bytes of the file are there. */
  readonly upTo: (bytes: number) => void;
  /** The file is whole. @throws AgentError `storage_failed`, or the signal's reason */
  readonly digest: (size: number, signal: AbortSignal) => Promise<string>;
  /** Stops reading; nothing happens where it is over already. */
  readonly close: () => void;
};
export type Hasher = AsyncDisposable & {
  readonly open: (path: string) => Hashing;
};

/** A folder of many small files keeps the thread; starting one takes some 40 ms. */
const IDLE_MS = 2_000;

/** No thread runs while there is nothing to hash: an idle node stays small. */
export function createHasher(): Hasher {
  const waiting = new Map<number, (answer: HashAnswer) => void>();
  let worker: Worker | null = null;
  let lastId = 0;
  let idle: NodeJS.Timeout | undefined;
  const started = (): Worker => {
    if (worker !== null) return worker;
    const source = import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js';
    const next = new Worker(new URL(source, import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 32 } });
    next.on('message', (answer: HashAnswer) => over(answer));
    next.on('error', (error) => {
      worker = null;
      for (const id of [...waiting.keys()]) over({ id, problem: error.message });
    });
    worker = next;
    return next;
  };
  const say = (order: HashOrder): void => worker?.postMessage(order);
  const over = (answer: HashAnswer): void => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
    if (waiting.size === 0) idle = setTimeout(rest, IDLE_MS).unref();
  };
  const rest = (): void => {
    void worker?.terminate();
    worker = null;
  };
  return {
    open(path) {
      lastId += 1;
      const id = lastId;
      const { promise, resolve } = Promise.withResolvers<HashAnswer>();
      clearTimeout(idle);
      started();
      waiting.set(id, resolve);
      say({ kind: 'open', id, path });
      const close = (): void => {
        if (!waiting.has(id)) return;
        say({ kind: 'close', id });
        over({ id, problem: 'it was stopped' });
      };
      return {
        close,
        upTo: (bytes) => say({ kind: 'up_to', id, bytes, isWhole: false }),
        async digest(size, signal) {
          signal.throwIfAborted();
          signal.addEventListener('abort', close, { once: true });
          try {
            say({ kind: 'up_to', id, bytes: size, isWhole: true });
            const answer = await promise;
            signal.throwIfAborted();
            if ('problem' in answer) throw new AgentError('storage_failed', `${path} cannot be read: ${answer.problem}`);
            return answer.sha256;
          } finally {
            signal.removeEventListener('abort', close);
          }
        },
      };
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      const last = worker;
      worker = null;
      for (const [id, told] of waiting) told({ id, problem: 'the node stops' });
      waiting.clear();
      await last?.terminate();
    },
  };
}

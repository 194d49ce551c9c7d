// What the tests of media servers share: a clock that runs faster, an ear, and bounded waiting.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';
import type { NeighbourHealth } from '../../src/neighbours/health.ts';
import type { MediaServer, MediaServerListener, PlayingStream } from '../../src/neighbours/media-server.ts';

/** Sleeps and ages pass `factor` times faster than at the other end of the wire. */
export const fastClock = (factor: number): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now() * factor,
  sleep: (ms, signal) => wait(ms / factor, undefined, { signal }),
});

export const until = async (what: string, condition: () => boolean, ms = 10_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await wait(10);
  }
};

export type Ear = MediaServerListener & {
  readonly lists: { streams: readonly PlayingStream[]; heardAt: number }[];
  readonly states: NeighbourHealth[];
  /** The last list. */
  streams(): readonly PlayingStream[];
  state(): NeighbourHealth['state'] | null;
};

const createEar = (): Ear => {
  const lists: Ear['lists'] = [];
  const states: NeighbourHealth[] = [];
  return {
    lists,
    states,
    sessions: (streams) => void lists.push({ streams, heardAt: performance.now() }),
    health: (health) => void states.push(health),
    streams: () => lists.at(-1)?.streams ?? [],
    state: () => states.at(-1)?.state ?? null,
  };
};

/** A server that is watched until the end of the block. */
export const watched = (server: Pick<MediaServer, 'watch'> & AsyncDisposable) => {
  const ear = createEar();
  const stop = new AbortController();
  const ended = server.watch(ear, stop.signal);
  return {
    ear,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await server[Symbol.asyncDispose]();
    },
  };
};

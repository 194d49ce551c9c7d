// Stopping single torrents of Transmission and starting the same ones again, by their info hashes.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { TorrentPausing } from '../neighbours/download-client.ts';
import { isRunning, torrentList } from './answers.ts';
import type { Rpc } from './open-rpc.ts';

/** 45 bytes each, so some 45 kB a request. */
const BATCH = 1_000;
/** A stop is only noted; it happens at the next turn of the daemon's bandwidth timer, each 500 ms. Longer on a small box full of torrents. */
const STOPPED_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 200;
/** Until a stop has happened the torrent counts as running and a start of it is ignored: the stop would win. Two turns of that timer. */
const SETTLED_MS = 1_000;

export const openPausing = ({ name, rpc, clock }: { name: string; rpc: Rpc; clock: Clock }): TorrentPausing => {
  let stoppedAt = Number.NEGATIVE_INFINITY;

  const running = async (signal: AbortSignal): Promise<readonly string[]> => {
    const fields = ['hashString', 'status'];
    const { torrents } = await rpc.call({ method: 'torrent-get', arguments: { fields }, schema: torrentList }, signal);
    return torrents.filter(({ status }) => isRunning(status)).map(({ hashString }) => hashString);
  };
  /** Never without ids: that would mean all of them. A hash that is unknown is passed over. */
  const order = async (method: 'torrent-stop' | 'torrent-start', ids: readonly string[], signal: AbortSignal): Promise<void> => {
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = ids.slice(from, from + BATCH);
      await rpc.call({ method, arguments: { ids: batch }, schema: z.object({}) }, signal);
    }
  };
  const stop = async (ids: readonly string[], signal: AbortSignal): Promise<void> => {
    try {
      await order('torrent-stop', ids, signal);
    } finally {
      stoppedAt = clock.monotonic(); // also after a failure: it may have landed
    }
  };
  return {
    running,
    pause: async (ids, signal) => {
      if (ids.length === 0) return;
      const wanted = new Set(ids);
      const give = clock.monotonic() + STOPPED_WITHIN_MS;
      await stop(ids, signal);
      while ((await running(signal)).some((hash) => wanted.has(hash))) {
        if (clock.monotonic() > give) throw new ControllerError('upstream_failed', `${name} does not stop its torrents`);
        await clock.sleep(LOOK_AGAIN_MS, signal);
      }
    },
    resume: async (ids, signal) => {
      if (ids.length === 0) return;
      const settledInMs = stoppedAt + SETTLED_MS - clock.monotonic();
      if (settledInMs > 0) await clock.sleep(settledInMs, signal);
      await order('torrent-start', ids, signal);
    },
  };
};

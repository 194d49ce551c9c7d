// Which version each server is, for people: asked for in the background, so that no answer waits for it.
import type { Clock } from '../../clock.ts';
import type { LibraryServer } from '../open-media-server.ts';

export type ServerVersions = {
  /** Null before it was asked for the first time. */
  of(server: string): string | null;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

/** The adapter remembers it while the server does not go away. */
const EACH_MS = 60_000;

export function createServerVersions(servers: readonly LibraryServer[], clock: Clock): ServerVersions {
  const known = new Map<string, string>();
  return {
    of: (server) => known.get(server) ?? null,
    async run(signal) {
      while (!signal.aborted) {
        await Promise.allSettled(servers.map(async ({ name, sync }) => known.set(name, await sync.version(signal))));
        await clock.sleep(EACH_MS, signal).catch(() => {});
      }
    },
  };
}

// What is known of streams beside what their servers say: how they keep to their limits and what their players really draw, laid over them.
import type { OverheadStore } from './learned/overhead-store.ts';
import { createOverheads, type Overheads } from './learned/overheads.ts';
import { type OpenRunningDeps, openRunning, type RunningStreams } from './running/open-running.ts';
import type { WatchedStream } from './watched-streams.ts';

export type KnownStreams = {
  readonly running: RunningStreams;
  readonly overheads: Overheads;
  /** The same streams with what is known of them; the same objects while nothing of that changed, for a large house has thousands. */
  readonly seen: (streams: readonly WatchedStream[]) => readonly WatchedStream[];
};

export function openKnownStreams(deps: OpenRunningDeps & { readonly overheads: OverheadStore }): KnownStreams {
  const running = openRunning(deps);
  const overheads = createOverheads({ store: deps.overheads, log: deps.log });
  return { running, overheads, seen: createSeen(running, overheads) };
}

function createSeen(running: Pick<RunningStreams, 'known'>, overheads: Pick<Overheads, 'wireBps'>) {
  let before: ReadonlyMap<WatchedStream, WatchedStream> = new Map();
  return (streams: readonly WatchedStream[]): readonly WatchedStream[] => {
    const next = new Map<WatchedStream, WatchedStream>();
    for (const base of streams) {
      const { capState, wishBps } = running.known(base);
      const wireBps = overheads.wireBps(base);
      const last = before.get(base);
      const isSame = last?.capState === capState && last.wishBps === wishBps && last.wireBps === wireBps;
      next.set(base, isSame ? last : { ...base, capState, wishBps, wireBps });
    }
    before = next;
    return [...next.values()];
  };
}

// The running streams of a watched home: whose players can be asked, and which limit stands for whom.
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { BandwidthEvent } from '../bandwidth-event.ts';
import type { LimitTargets } from '../limits/limit-targets.ts';
import { ceilingOf } from '../limits/plan-writes.ts';
import type { ServerWatch } from '../server-watch.ts';
import type { ServerLimit } from './follow-streams.ts';
import { createRunningStreams, type RunningStreams } from './running-streams.ts';

export type { RunningStreams } from './running-streams.ts';

export type OpenRunningDeps = {
  readonly servers: readonly ServerWatch[];
  readonly targets: LimitTargets;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: BandwidthEvent) => void;
  readonly changed: () => void;
};

export function openRunning({ servers, targets, ...deps }: OpenRunningDeps): RunningStreams {
  const byName = new Map(servers.map((watch) => [watch.server.name, watch]));
  const targetOf = createTargetNames();
  return createRunningStreams({
    ...deps,
    playersOf: (name) => byName.get(name)?.server.players ?? null,
    limitOf: (viewer) => limitOf(viewer, byName, targets.standing(targetOf(viewer))),
  });
}

/** The user's own limit, else the server's: a user's 0 falls through to it. */
function limitOf(
  viewer: string,
  servers: ReadonlyMap<string, ServerWatch>,
  own: ReturnType<LimitTargets['standing']>,
): ServerLimit | null {
  if (own === null) return null;
  const since = own.writtenAt ?? Number.NEGATIVE_INFINITY;
  if (own.bps > 0) return { bps: own.bps, since };
  const rules = servers.get(viewer.slice(0, viewer.lastIndexOf('/')))?.state().rules ?? null;
  return { bps: ceilingOf(rules?.limitBps ?? 0), since };
}

const MOST_NAMES = 20_000;

/** Asked some times a second for each stream: a text that was made once is looked up at once, a new one has to be read through first. */
function createTargetNames(): (viewer: string) => string {
  const names = new Map<string, string>();
  return (viewer) => {
    const known = names.get(viewer);
    if (known !== undefined) return known;
    if (names.size >= MOST_NAMES) names.clear();
    const name = `user:${viewer}`;
    names.set(viewer, name);
    return name;
  };
}

// Sync as others see it: over HTTP, over MQTT and in Home Assistant, as metrics and events; and the log kept small.
import type { TypedLink } from '@headgate/protocol';
import type { Kysely } from 'kysely';
import { messageOf } from '../../errors.ts';
import type { Metrics } from '../../http/metrics.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import { bringRehearsed } from '../../sync/asked/after-rehearsal.ts';
import { pruneLog } from '../../sync/shown/log-reading.ts';
import { createOverview } from '../../sync/shown/overview.ts';
import { runSyncMqtt } from '../../sync/shown/sync-mqtt.ts';
import { createTellHappenings } from '../../sync/shown/tell-happenings.ts';
import type { SyncTables } from '../../sync/state/sync-tables.ts';
import { createServerVersions } from './server-versions.ts';
import type { ShowSyncDeps } from './show-sync-deps.ts';
import { syncAnswers } from './sync-answers.ts';
import { collectSyncMetrics } from './sync-metrics.ts';

export type SyncMqttLink = {
  readonly link: TypedLink;
  readonly onAsked: (listener: () => void) => () => void;
};

export type ShownSync = {
  readonly routes: readonly Route[];
  /** Somebody works on hooks and queues. */
  isRunning(): boolean;
  /** What is still to be brought to a server, as it was counted last. */
  pending(): number;
  collectMetrics(metrics: Metrics): void;
  /** With all that shows it, until the signal fires. Never rejects. */
  run(mqtt: SyncMqttLink, signal: AbortSignal): Promise<void>;
};

const PRUNE_EACH_MS = 3_600_000;
const DAY_MS = 86_400_000;

export async function showSync(deps: ShowSyncDeps): Promise<ShownSync> {
  const { config, db, servers, sync, people, inbox, switched, noted, clock, log } = deps;
  const { dryRun } = config.sync;
  const state = { isRunning: false, lastDeliveredMs: await lastWrittenMs(db) };
  const names = servers.map(({ name }) => name);
  const nowMs = clock.now;
  const overview = createOverview({
    ...{ db, servers: names, presence: noted.presence, clocks: sync.clocks, nowMs },
    lists: deps.playlists.standing,
  });
  const events = createTellHappenings({ servers: names, clocks: sync.clocks, tell: deps.tell, nowMs });
  const versions = createServerVersions(servers, clock);
  const wasRehearsed = (await switched.rehearsing(dryRun)) && !dryRun;
  const targets = config.sync.servers.filter(({ direction }) => direction !== 'source').map(({ name }) => name);
  const isMore = (await switched.targeting(targets)).length > 0;
  const pause = async (paused: boolean): Promise<void> => {
    if (paused !== switched.isPaused())
      log.info({}, paused ? 'sync is paused: nothing is written to any server' : 'sync goes on');
    await switched.pause(paused);
    overview.forget();
    if (paused) return;
    for (const name of names) {
      sync.lookNow(name);
      deps.playlists.lookNow(name);
    }
  };
  noted.on((happened) => {
    events.happened(happened);
    if (happened.kind === 'delivered' && happened.success) state.lastDeliveredMs = happened.atMs;
  });
  const isRunning = (): boolean => state.isRunning;
  const facts = () => ({ isPaused: switched.isPaused(), isDryRun: dryRun, lastDeliveredMs: state.lastDeliveredMs });
  return {
    routes: syncAnswers({ ...deps, overview, versions, isRunning, pause }),
    isRunning,
    pending: () => (overview.latest()?.servers ?? []).reduce((sum, { counts }) => sum + counts.pending, 0),
    collectMetrics: (metrics) =>
      collectSyncMetrics(metrics, {
        ...{
          servers: names,
          hooks: deps.hints.of,
          overview,
          onHappening: noted.on,
          inbox: () => inbox.count(),
          isPaused: switched.isPaused,
          nowMs,
        },
      }),
    async run(mqtt, signal) {
      state.isRunning = true;
      const ended = sync.run(signal).finally(() => {
        state.isRunning = false;
      });
      if (wasRehearsed) log.info({}, 'sync: the run before was a dry run; what it did not write is queued');
      await Promise.all([
        ended,
        wasRehearsed || isMore ? queueAgreed({ db, people, around: sync.around, log }, signal) : null,
        versions.run(signal),
        keepLogSmall(deps, signal),
        runSyncMqtt({ ...mqtt, overview, pause, facts, onLook: events.look, clock, log }, signal),
      ]);
    },
  };
}

async function lastWrittenMs(db: Kysely<SyncTables>): Promise<number | null> {
  const row = await db.selectFrom('sync_log').select('at_ms').orderBy('at_ms', 'desc').limit(1).executeTakeFirst();
  return row?.at_ms ?? null;
}

/** What servers lack that were not written to until now. */
async function queueAgreed(
  { log, ...deps }: Parameters<typeof bringRehearsed>[0] & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  await bringRehearsed(deps, signal).catch((error: unknown) =>
    log.error({ error: messageOf(error) }, 'sync: what servers lack could not be queued'),
  );
}

async function keepLogSmall({ config, db, clock, log }: ShowSyncDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const pruned = await pruneLog(db, clock.now() - config.sync.logDays * DAY_MS);
      if (pruned > 0) log.debug({ pruned }, 'old entries of the sync log were dropped');
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the sync log could not be pruned');
    }
    await clock.sleep(PRUNE_EACH_MS, signal).catch(() => {});
  }
}

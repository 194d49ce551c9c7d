// The daemon: the node's beats with limits, media server and MQTT around them.

import type { Clock, Log, MqttOptions, MqttPort } from '@headgate/agent-router/agent-ground';
import type { Agent } from './agent.ts';
import type { Config } from './config-schema.ts';
import { messageOf } from './errors.ts';
import type { Rescanner } from './jellyfin/rescan.ts';
import { openKeptPause } from './limits/kept-pause.ts';
import { createLimitsKeeper, type LimitsKeeper } from './limits/limits-keeper.ts';
import type { Rates, WeekTime } from './limits/scheduled-rates.ts';
import { type MqttLife, openMqttLife } from './report/mqtt-life.ts';
import { reportOf } from './report/node-report.ts';
import { createReporter } from './report/reporter.ts';
import { type Rescan, runNode } from './run-node.ts';
import type { TorrentEngine } from './torrent/torrent-engine.ts';

export type LiveDeps = {
  readonly config: Config;
  readonly agent: Agent;
  readonly engine: TorrentEngine | null;
  readonly rescanner: Rescanner | null;
  /** Null: no broker; everything else goes on as it would. */
  readonly openPort: ((options: Pick<MqttOptions, 'will'>) => MqttPort) | null;
  readonly clock: Clock;
  readonly log: Log;
};

const MINUTE_MS = 60_000;

/** Resolves after the signal, when all has ended. */
export async function live(deps: LiveDeps, signal: AbortSignal): Promise<void> {
  const { config, agent, engine, rescanner, clock, log } = deps;
  const pause = await openKeptPause(deps.openPort === null ? null : agent.paths.state, log);
  const apply = ({ upBps, downBps }: Rates): void => {
    agent.gate.limit(downBps);
    engine?.limit({ upBps, downBps, isPaused: pause.isOn() });
  };
  const limits = createLimitsKeeper(
    { rates: config.rates, apply, weekTime: () => weekTimeOf(new Date(clock.now())), clock, log },
    signal,
  );
  const hold = (): void => {
    log.info({}, pause.isOn() ? 'paused' : 'goes on');
    agent.gate.pause(pause.isOn());
    agent.queue.pause(pause.isOn());
    apply(limits.rates());
  };
  if (pause.isOn()) hold();
  const pollMs = config.manifests.poll_minutes * MINUTE_MS;
  const rescan = telling(rescanner, () => changed());
  const node = runNode({ agent, rescan, pollMs, clock, random: Math.random, log }, signal);
  let mqtt: MqttLife | null = null;
  const changed = createReporter(
    {
      make: async (downBps) =>
        reportOf({
          ...{ atMs: clock.now(), site: config.site, isPaused: pause.isOn(), leaseLeftS: limits.leaseLeftS(), downBps },
          freeBytes: await agent.freeBytes().catch(() => null),
          groups: agent.followers,
          jellyfin: rescanner?.state() ?? null,
          rows: agent.board.rows(),
          away: awayOf(agent, engine),
          swarm: new Map((engine?.states() ?? []).map((one) => [one.infoHash, one])),
        }),
      say: (report) => mqtt?.report(report),
      failed: (error) => log.error({ problem: messageOf(error) }, 'no report could be made'),
      clock,
    },
    signal,
  );
  if (deps.openPort !== null)
    mqtt = openMqttLife({
      ...{ id: config.id, base: config.mqtt?.base_topic ?? 'headgate', openPort: deps.openPort, now: clock.now, log },
      groups: agent.followers.map((one) => one.source.group ?? one.manifest()?.group ?? null),
      onGroup: node.refresh,
      onLimits: (order) => {
        const before = standing(limits);
        limits.order(order);
        // A lease that goes on is no news: it comes again and again.
        if (standing(limits) !== before) changed();
      },
      onRescan: () => {
        node.rescan(agent.state.placed().map(({ path }) => path));
        changed();
      },
      onPaused: (on) => {
        void pause.set(on).then(() => changed());
        hold();
      },
    });
  agent.board.onChange(changed);
  for (const follower of agent.followers) follower.onChange(() => changed());
  const unlisten = engine?.onChange(() => changed('progress'));
  changed();
  await node.over;
  unlisten?.();
  await mqtt?.[Symbol.asyncDispose]();
}

/** When the media server had what was new is told as well. */
const telling = (rescanner: Rescanner | null, over: () => void): Rescan | null =>
  rescanner === null ? null : (paths, signal) => rescanner.rescan(paths, signal).finally(over);

const standing = ({ leaseLeftS, rates }: LimitsKeeper): string => JSON.stringify([leaseLeftS() === null, rates()]);

function awayOf({ gate }: Agent, engine: TorrentEngine | null): { readonly upBps: number; readonly downBps: number } {
  const { upBps, downBps } = engine?.rates() ?? { upBps: 0, downBps: 0 };
  return { upBps, downBps: downBps + gate.awayBps() };
}

/** By this machine's time zone. */
const weekTimeOf = (date: Date): WeekTime => ({
  weekday: (date.getDay() + 6) % 7,
  minute: date.getHours() * 60 + date.getMinutes(),
});

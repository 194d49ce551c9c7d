// What a decision asks for, done at the neighbours: limits set and put back, torrents stopped and started again.
import type { BandwidthDeps } from './bandwidth.ts';
import type { Decision } from './decision.ts';
import { createLimitDispatch } from './limits/limit-dispatch.ts';
import { createPauseDispatch } from './pausing/pause-dispatch.ts';
import { allStreams, type World } from './world.ts';
import { muteClients, wantedLimits } from './world-view.ts';

export type CarryOut = {
  /** Starts what is due; returns at once. `operatorAt`: steady ms of the operator's last change. */
  act(decision: Decision, operatorAt: number | null, signal: AbortSignal): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Everything as it was before us, bounded in time; answers with the names of what is not. */
  restoreAll(): Promise<readonly string[]>;
};

/** What may be done now. @property mayAct false while stopping, switched off or rehearsing; `mayAsk`: also while switched off, to give back what was taken */
export type Permit = { readonly mayAct: () => boolean; readonly mayAsk: () => boolean };

export function createCarryOut(deps: BandwidthDeps, world: World, { mayAct, mayAsk }: Permit, changed: () => void): CarryOut {
  const { stores, neighbours, clock, log } = deps;
  const limits = createLimitDispatch({ targets: world.targets, writer: world.writer, clock, log, changed });
  const { clients } = neighbours;
  const pauses = createPauseDispatch({ clients, store: stores.pauses, mayPause: mayAct, clock, log, changed });
  return {
    act(decision, operatorAt, signal) {
      const settings = stores.settings.settings();
      const { dryRun, writeIntervalMs } = settings;
      const moment = { now: clock.monotonic(), writeIntervalMs, newestStartAt: decision.newestStartAt };
      limits.apply(wantedLimits(world, decision, { dryRun, operatorAt }), moment, signal);
      pauses.apply(dryRun ? [] : decision.pausedClients, muteClients(world), signal);
      world.running.act({ streams: allStreams(world), decision, settings, mayAsk: mayAsk() }, signal);
    },
    async idle() {
      await Promise.all([limits.idle(), pauses.idle(), world.running.idle()]);
    },
    async restoreAll() {
      const [capped, stopped] = await Promise.all([limits.restoreAll(stores.limits.held()), pauses.restoreAll()]);
      const failed = [...capped, ...stopped.map((name) => `stopped torrents of ${name}`)];
      const text = `Not put back yet: ${failed.join(', ')}. It is tried again, at the latest at the next start.`;
      if (failed.length > 0)
        deps.tell({ type: 'restore_incomplete', severity: 'error', text, details: { count: failed.length } });
      return failed;
    },
  };
}

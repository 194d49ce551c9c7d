// Looks at each turn for what is worth telling beside the decision itself: high demand, silent neighbours, originals that are back.

import type { BandwidthDeps } from '../bandwidth.ts';
import type { OpenAlarm } from '../bandwidth-event.ts';
import type { Decision, DecisionInput } from '../decision.ts';
import type { World } from '../world.ts';
import { createAlarmWatch } from './alarm-watch.ts';
import { NO_HIGH_DEMAND, USUAL_HOLDS, watchHighDemand } from './high-demand.ts';
import { alarmMemoryOf } from './neighbour-alarms.ts';
import { NOTHING_HELD, restoredEvent, watchOriginals } from './originals-alarm.ts';
import { ROUTER_WELL, type RouterMemory, watchRouter } from './router-alarm.ts';

export type Happenings = {
  /** Before each decision: neighbours that fell silent or came back. */
  lookAround(): void;
  /** After each decision. */
  look(input: DecisionInput, decision: Decision): void;
  /** Tells what was put back, where it was all of it. */
  restoring(restoreAll: () => Promise<readonly string[]>): Promise<readonly string[]>;
};

export function createHappenings(deps: BandwidthDeps, world: World): Happenings {
  const { stores, rules, tell } = deps;
  const alarms = stores.alarms ?? [];
  const holds = rules.demandHolds ?? USUAL_HOLDS;
  const held = (): number => stores.limits.held().length + stores.pauses.clients().length;
  let demand = { ...NO_HIGH_DEMAND, isHigh: alarms.some(({ type }) => type === 'high_demand_began') };
  let router = routerBefore(alarms);
  let originals = { ...NOTHING_HELD, left: world.leftovers.size };
  return {
    lookAround: createAlarmWatch(world, deps, alarmMemoryOf(alarms)),
    look(input, decision) {
      const { now, utcNow } = input;
      const { reading } = world.uplink.state();
      const [demanded, heard, restored] = [
        watchHighDemand(input, decision, demand, holds),
        watchRouter(
          { router: reading?.router ?? '', wan: reading?.wan ?? '', silentMs: input.routerSilentMs, now, utcNow },
          router,
        ),
        watchOriginals(
          { held: held(), left: world.leftovers.size, holdMs: decision.mode === 'off' ? 0 : holds.overAfterMs, now },
          originals,
        ),
      ];
      demand = demanded.memory;
      router = heard.memory;
      originals = restored.memory;
      for (const { event } of [demanded, heard, restored]) if (event !== null) tell(event);
    },
    async restoring(restoreAll) {
      const before = held();
      const failed = await restoreAll();
      if (before === 0 || failed.length > 0) return failed;
      tell(restoredEvent(before));
      originals = { ...NOTHING_HELD };
      return failed;
    },
  };
}

/** One that an earlier run told as silent is told as back. */
function routerBefore(alarms: readonly OpenAlarm[]): RouterMemory {
  const { router, wan, since } = alarms.findLast(({ type }) => type === 'router_stale')?.details ?? {};
  const sinceUtc = Date.parse(String(since));
  return Number.isNaN(sinceUtc) ? ROUTER_WELL : { ...ROUTER_WELL, told: { router: String(router), wan: String(wan), sinceUtc } };
}

// The loop: gather what is known, decide in pure code, carry out the writes that are due, record what was decided and why.
import type { Clock } from '../clock.ts';
import { createHappenings } from './alarms/happenings.ts';
import type { Bandwidth, BandwidthDeps } from './bandwidth.ts';
import { handEditEvent } from './bandwidth-event.ts';
import { createCarryOut } from './carry-out.ts';
import { createDecisionTurns, gatherTurn } from './decision-turns.ts';
import { describeWorld, findsRoom } from './describe-world.ts';
import { createOperator } from './operator.ts';
import type { SettingsStore } from './settings-store.ts';
import { createTurnLoop } from './turn-loop.ts';
import { createWorld, runWorld, type World, worldSettled } from './world.ts';

export function createBandwidth(deps: BandwidthDeps): Bandwidth {
  const { stores, rules, clock, log } = deps;
  const loop = createTurnLoop(clock, log);
  const changed = loop.wake;
  const permit = createPermit(stores.settings);
  const world = createWorld({
    ...deps,
    homeRanges: rules.homeRanges,
    limits: stores.limits,
    overheads: stores.overheads,
    mayCap: permit.mayCap,
    changed,
    tell: deps.tell,
    handEdit: (edit) => deps.tell(handEditEvent(edit)),
  });
  const happenings = createHappenings(deps, world);
  const permits = { mayAct: permit.mayCap, mayAsk: permit.mayAsk };
  const { act, idle, ...carried } = createCarryOut(deps, world, permits, changed);
  const restoreAll = () => happenings.restoring(carried.restoreAll);
  const turns = createDecisionTurns(deps, act);
  const input = () => gatherTurn(world, deps);

  function operatorDid(by: string, what: Readonly<Record<string, unknown>>): void {
    turns.operatorDid();
    log.info({ by, ...what }, 'bandwidth settings changed');
    changed();
  }
  const operator = createOperator({ deps, world, restoreAll, operatorDid });

  return {
    status() {
      const settings = stores.settings.settings();
      const decision = turns.decision();
      return {
        ...describeWorld(world, settings, decision),
        rehearsal: rules.onlooker?.state() ?? null,
        settings,
        boosts: stores.settings.boosts().filter(({ until }) => until > clock.now()),
        overrides: stores.settings.overrides(),
        decision,
        held: stores.limits.held().length + stores.pauses.clients().length,
      };
    },
    onDecision: turns.onDecision,
    ...turns.answers(world),
    fits: (address, bps) => findsRoom(world, turns.decision(), { address, bps }),
    ...operator,
    async run(signal) {
      signal.addEventListener('abort', permit.end, { once: true });
      const watching = Promise.all([runWorld(world, signal), rules.onlooker?.run(signal)]);
      const stop = deps.neighbours.uplink.onSample(changed);
      const turn = (running: AbortSignal): void => {
        happenings.lookAround();
        const now = input();
        happenings.look(now, turns.take(now, running));
      };
      await loop.run(turn, signal);
      stop();
      permit.end();
      await restoreAll();
      await watching;
    },
    once: (signal) =>
      lookOnce(world, clock, signal, async () => {
        // The one check is acted upon: nothing waits for a second one, nor for what an earlier run left to be put back first.
        world.leftovers.clear();
        const one = input();
        const decision = turns.take({ ...one, settings: { ...one.settings, throttleAfterMs: 0 } }, signal);
        await idle();
        return decision;
      }),
  };
}

/** Whether a cap may be set now; `end` is for good. */
function createPermit(settings: SettingsStore) {
  let ended = false;
  return {
    mayCap(): boolean {
      const { enabled, dryRun } = settings.settings();
      return enabled && !dryRun && !ended;
    },
    mayAsk: (): boolean => !ended && !settings.settings().dryRun,
    end(): void {
      ended = true;
    },
  };
}

/** Watches the world until each neighbour was heard, and while `act` acts upon it. */
async function lookOnce<T>(world: World, clock: Clock, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  const looking = new AbortController();
  const watching = runWorld(world, AbortSignal.any([signal, looking.signal]));
  try {
    await worldSettled(world, clock, signal);
    return await act();
  } finally {
    looking.abort();
    await watching;
  }
}

// One channel while somebody watches: what it sends and who gets it, in ticks of a tenth of a second.
import type { Socket } from 'node:net';
import type { LiveSession, ViewerFacts } from '../on-air/live-messages.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import { type BroadcastDeps, createBroadcast } from './broadcast.ts';
import { createViewerSet } from './viewer-set.ts';

const TICK_MS = 100;
/** While the programme is behind the live edge: somebody waits for each frame. */
const HASTY_TICK_MS = 40;

export type SessionDeps = Omit<BroadcastDeps, 'wake'> & {
  readonly idleStopMs: number;
  readonly viewerEnded: (id: string, reason: string, bytes: number) => void;
  /** Its last viewer left long ago, or it was ended. Nothing of it runs any more. */
  readonly onEnd: () => void;
};

export type ChannelSession = {
  join(facts: ViewerFacts, socket: Socket): void;
  endViewer(id: string): void;
  plan(fromMs: number, steps: readonly PlanStep[]): void;
  /** Each 2 s. */
  look(passedMs: number): void;
  viewers(): number;
  state(): LiveSession;
  end(reason: string): void;
};

/** `id` is the channel's, or a pre-warm's own. */
export function openSession(deps: SessionDeps): ChannelSession {
  let timer: NodeJS.Timeout | null = null;
  const viewers = createViewerSet({
    clock: deps.clock,
    idleStopMs: deps.idleStopMs,
    onEnd: deps.viewerEnded,
    onIdle: () => end('nobody watched any more'),
  });
  const broadcast = createBroadcast({ ...deps, wake: () => runAfter(0) });
  function run(): void {
    runAfter(broadcast.isBehind() ? HASTY_TICK_MS : TICK_MS);
    viewers.send(broadcast.tick());
  }
  function runAfter(ms: number): void {
    if (timer === null) return;
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  }
  function end(reason: string): void {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    viewers.closeAll(reason);
    broadcast.stop();
    deps.log.info({ reason }, 'the channel is not played any more');
    deps.onEnd();
  }
  timer = setTimeout(run, TICK_MS);
  return {
    join(facts, socket) {
      viewers.join(facts, socket);
      // The first one: bytes in this very moment.
      if (!broadcast.hasBegun()) run();
    },
    endViewer: viewers.endOne,
    plan(fromMs, steps) {
      broadcast.plan(fromMs, steps);
      run();
    },
    look: viewers.look,
    viewers: viewers.count,
    state: () => ({ ...broadcast.state(), viewers: viewers.state() }),
    end,
  };
}

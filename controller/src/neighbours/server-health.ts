// From what was heard lately to one state with one sentence. Pure.

import type { NeighbourHealth } from './health.ts';
import type { FailureKind } from './server-failure.ts';

export type ServerSituation = {
  readonly outcome: 'ok' | FailureKind;
  /** Text of the last failure. */
  readonly failure: string | null;
  /** Since the last good answer; infinite before the first. */
  readonly silentForMs: number;
  readonly socket: 'unwanted' | 'down' | 'unsteady' | 'mute' | 'live';
  /** For people. */
  readonly socketPath: string;
};

/** A server that answered a minute ago and now refuses connections restarts: between its two start-up stages nothing listens (12.0.0). */
const RESTART_MS = 60_000;

const SOCKET_FAULTS = { down: 'cannot be opened', unsteady: 'does not stay open', mute: 'says nothing of sessions' } as const;

/** Without `since`: that is for whoever sees it change. */
export const serverHealth = (now: ServerSituation): Omit<NeighbourHealth, 'since'> => {
  if (now.outcome === 'ok') {
    if (now.socket === 'live') return { state: 'live', problem: null };
    if (now.socket === 'unwanted') return { state: 'polling', problem: null };
    return {
      state: 'polling',
      problem: `Its WebSocket (${now.socketPath}) ${SOCKET_FAULTS[now.socket]}: sessions are asked for every few seconds instead`,
    };
  }
  if (now.outcome === 'refused') return { state: 'refused', problem: now.failure };
  const restarts = now.outcome === 'starting' || (now.outcome === 'gone' && now.silentForMs < RESTART_MS);
  return { state: restarts ? 'starting' : 'unreachable', problem: now.failure };
};

// Whose trouble a failure is: one item's, or its whole server's, which then answers nobody with anything of use: a locked database, a proxy's own page.
import type { Clock } from '../../clock.ts';
import { ControllerError } from '../../errors.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';

/** However many items fail at once: what was found holds for so long. */
const HOLDS_MS = 5_000;

/** What the server fails everybody with; null: it is well. @throws whatever is no failure of the server */
export type WholeFault = (signal: AbortSignal) => Promise<ControllerError | null>;

export function createWholeFault(server: Pick<SyncedServer, 'users'>, clock: Pick<Clock, 'monotonic'>): WholeFault {
  const state: { asked: Promise<ControllerError | null> | null; untilMs: number } = { asked: null, untilMs: 0 };
  const ask = async (signal: AbortSignal): Promise<ControllerError | null> => {
    try {
      await server.users(signal);
      return null;
    } catch (error) {
      if (error instanceof ControllerError) return error;
      throw error;
    } finally {
      state.untilMs = clock.monotonic() + HOLDS_MS;
    }
  };
  return async (signal) => {
    if (state.asked === null || clock.monotonic() >= state.untilMs) {
      state.untilMs = Number.POSITIVE_INFINITY;
      state.asked = ask(signal);
    }
    return await state.asked;
  };
}

// Whether the hooks of each server come: counted, shown, and said when it changes.
import type { Log } from '../../log.ts';
import type { SyncHappening } from '../happenings.ts';

/** How it is with the hooks of one server, in this run. */
export type HooksOf = {
  /** Its plugin was set up to send them. */
  readonly isExpected: boolean;
  /** Beginnings and ends of playings of which none came. */
  readonly lost: number;
  /** When the last of them was noticed, UTC ms; null: none. */
  readonly lastLostMs: number | null;
  /** None came since. */
  readonly isLosing: boolean;
};

export type LostHooks = {
  of(server: string): HooksOf;
  /** Whether a server's plugin sends to us, as whoever sets it up knows. */
  expect(server: string, isExpected: boolean): void;
  /** Since when hooks were to come, UTC ms by our clock; null: they are not. */
  expectedSinceMs(server: string): number | null;
  /** A hook of what was played came. @param atMs when that was, by the server's clock */
  came(server: string, atMs: number): void;
  lost(server: string, atMs: number): void;
};

type Standing = { expectedMs: number | null; lost: number; lastLostMs: number | null; losingMs: number | null };

export type LostHooksDeps = {
  /** Whoever hears of the first one says so in the log. */
  readonly tell: (happened: SyncHappening) => void;
  readonly nowMs: () => number;
  readonly log: Log;
};

export function createLostHooks({ tell, nowMs, log }: LostHooksDeps): LostHooks {
  const servers = new Map<string, Standing>();
  const of = (server: string): Standing => {
    const known = servers.get(server) ?? { expectedMs: null, lost: 0, lastLostMs: null, losingMs: null };
    servers.set(server, known);
    return known;
  };
  return {
    of(server) {
      const { expectedMs, lost, lastLostMs, losingMs } = of(server);
      return { isExpected: expectedMs !== null, lost, lastLostMs, isLosing: losingMs !== null };
    },
    expect(server, isExpected) {
      const one = of(server);
      if (!isExpected) Object.assign(one, { expectedMs: null, losingMs: null });
      else one.expectedMs ??= nowMs();
    },
    expectedSinceMs: (server) => of(server).expectedMs,
    came(server, atMs) {
      const one = of(server);
      if (one.losingMs === null || atMs <= one.losingMs) return;
      one.losingMs = null;
      log.info({ server }, 'sync: the hooks of this server come again');
      tell({ kind: 'hooks-back', server });
    },
    lost(server, atMs) {
      const one = of(server);
      const isFirst = one.losingMs === null;
      Object.assign(one, { lost: one.lost + 1, lastLostMs: nowMs(), losingMs: Math.max(one.losingMs ?? atMs, atMs) });
      tell({ kind: 'hook-lost', server, isFirst });
    },
  };
}

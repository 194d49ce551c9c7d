// Since when each server does not answer us, as whoever asks it tells.
import type { SyncHappening } from '../happenings.ts';

export type Away = {
  /** UTC ms. */
  readonly sinceMs: number;
  readonly problem: string;
};

export type Presence = {
  /** @param problem null: it answered */
  heard(server: string, problem: string | null): void;
  /** Null: it answers, or was not asked yet. */
  away(server: string): Away | null;
  /** It answered at least once in this run. */
  wasHeard(server: string): boolean;
};

export function createPresence(nowMs: () => number, tell: (happened: SyncHappening) => void): Presence {
  const away = new Map<string, Away>();
  const heard = new Set<string>();
  return {
    heard(server, problem) {
      const before = away.get(server);
      if (problem !== null) {
        away.set(server, { sinceMs: before?.sinceMs ?? nowMs(), problem });
        if (before === undefined) tell({ kind: 'away', server, problem });
        return;
      }
      heard.add(server);
      if (before === undefined) return;
      away.delete(server);
      tell({ kind: 'back', server, awayMs: nowMs() - before.sinceMs });
    },
    away: (server) => away.get(server) ?? null,
    wasHeard: (server) => heard.has(server),
  };
}

// Pure: an explanation as the API shows it.
import type { z } from 'zod';
import type { Register } from '../state/observe.ts';
import { FIELDS } from '../state/watch-fields.ts';
import type { explainView } from '../sync-api.ts';
import { viewLogEntry, viewQueued, whyWaiting } from './event-view.ts';
import type { Explained } from './explain.ts';
import type { Away } from './presence.ts';
import { nameOfField, valueView, viewState } from './state-view.ts';

export type ExplainStanding = {
  readonly isPaused: boolean;
  readonly nowMs: number;
  away(server: string): Away | null;
};

export function viewExplained(explained: Explained, { isPaused, nowMs, away }: ExplainStanding): z.input<typeof explainView> {
  const { person, identity, registers, copies, lacking, waiting, log } = explained;
  return {
    person,
    identity,
    item_name: copies[0]?.name ?? waiting[0]?.item_name ?? log[0]?.item_name ?? identity,
    fields: FIELDS.flatMap((field) => {
      const register = registers[field];
      if (register === undefined) return [];
      return [{ field: nameOfField(field), value: valueView(field, register.value), ...setting(register) }];
    }),
    servers: copies.map(({ server, user, itemId, name, path, shadow, now, problem, behind, held }) => ({
      ...{ server, user: user.name, item_id: itemId, item_name: name, item_path: path },
      last_seen: shadow === null ? null : viewState(shadow.seen),
      last_read_at: shadow?.readMs == null ? null : new Date(shadow.readMs).toISOString(),
      now: now === null ? null : viewState(now),
      problem,
      differs: behind.map(nameOfField),
      held: held.map(nameOfField),
    })),
    lacking: [...lacking],
    waiting: waiting.map((row) => ({
      ...viewQueued(row),
      why: whyWaiting(row, { isPaused, nowMs, awayProblem: away(row.server)?.problem ?? null }),
    })),
    log: log.map(viewLogEntry),
  };
}

/** The first meeting sets values at the beginning of all times, so that whatever is said later wins. */
function setting({ at: { ms, origin } }: Register) {
  if (ms === 0) {
    const why = `it is what ${origin} had when the servers met, and nobody has said anything since`;
    return { set_at: null, set_by: origin, why };
  }
  const setAt = new Date(ms).toISOString();
  const by = origin === 'undo' ? 'it was taken back here' : `it was set at ${origin}`;
  return { set_at: setAt, set_by: origin, why: `${by} on ${setAt}; nobody has said anything later` };
}

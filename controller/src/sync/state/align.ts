// Pure: what is agreed when servers meet that nobody has seen together before: nothing that a person has anywhere is lost.
import type { WatchState } from '../../neighbours/watch-state.ts';
import type { Registers } from './observe.ts';
import { FIELDS, isSame, type WatchValue } from './watch-fields.ts';

export type Meeting = { readonly server: string; readonly state: WatchState };

/**
 * Watched and favourite win; the count is the highest, the date the newest; the position is of whoever played last, the rating of whoever rated and played last.
 * What was agreed before stays unless this gives more. The time is the beginning of all times: whatever is said later wins.
 */
export function align(registers: Registers, meeting: readonly Meeting[]): Registers {
  const states = [...meeting].sort(byDate);
  const known = knownOf(registers);
  const last = states.at(-1);
  if (last === undefined) return registers;
  const all = known === null ? states : [{ server: '', state: known }, ...states].sort(byDate);
  const newest = all.at(-1)?.state ?? last.state;
  const rated = all.findLast(({ state }) => state.rating !== null)?.state;
  const joined: WatchState = {
    played: all.some(({ state }) => state.played),
    favourite: all.some(({ state }) => state.favourite),
    playCount: Math.max(...all.map(({ state }) => state.playCount)),
    lastPlayedMs: newest.lastPlayedMs,
    positionMs: newest.positionMs,
    rating: rated?.rating ?? null,
  };
  const agreed: Record<string, Registers[keyof Registers]> = { ...registers };
  for (const field of FIELDS) {
    const register = registers[field];
    const value: WatchValue = joined[field];
    if (register !== undefined && isSame(field, register.value, value)) continue;
    const origin =
      all.findLast(({ server, state }) => server !== '' && isSame(field, state[field], value))?.server ?? last.server;
    const at = register === undefined ? { ms: 0, count: 0, origin } : { ...register.at, count: register.at.count + 1, origin };
    agreed[field] = { value, at };
  }
  return agreed as Registers;
}

/** By the newest playing; servers by name, so that the same meeting always ends the same. */
const byDate = (a: Meeting, b: Meeting): number =>
  (a.state.lastPlayedMs ?? 0) - (b.state.lastPlayedMs ?? 0) || (a.server < b.server ? -1 : 1);

function knownOf(registers: Registers): WatchState | null {
  const value = <Field extends keyof WatchState>(field: Field, none: WatchState[Field]) =>
    (registers[field]?.value ?? none) as WatchState[Field];
  if (Object.keys(registers).length === 0) return null;
  return {
    played: value('played', false),
    playCount: value('playCount', 0),
    positionMs: value('positionMs', 0),
    favourite: value('favourite', false),
    rating: value('rating', null),
    lastPlayedMs: value('lastPlayedMs', null),
  };
}

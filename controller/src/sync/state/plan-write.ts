// Pure: what must be written to a server that has this, so that it has what is agreed.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Registers, Seen } from './observe.ts';
import { FIELDS, isSame, type WatchValue } from './watch-fields.ts';

const RESET: readonly WatchField[] = ['played', 'playCount', 'positionMs'];

/** Null: nothing. @param may e.g. no position while this user plays the item there */
export function planWrite(
  registers: Registers,
  seen: Seen,
  may: (field: WatchField) => boolean = () => true,
): WatchChange | null {
  const wanted = (field: WatchField): WatchValue | undefined => registers[field]?.value;
  const change: Record<string, WatchValue> = {};
  for (const field of FIELDS) {
    const value = wanted(field);
    if (value === undefined || !may(field) || isSame(field, value, seen[field])) continue;
    change[field] = value;
  }
  // A server gives up a date only together with the count and the position: where those stay, so does the date.
  if (change['lastPlayedMs'] === null) {
    const isReset = RESET.every(
      (field) => may(field) && (wanted(field) ?? seen[field] ?? 0) === (field === 'played' ? false : 0),
    );
    if (isReset) Object.assign(change, { played: false, playCount: 0, positionMs: 0 });
    else delete change['lastPlayedMs'];
  }
  return Object.keys(change).length === 0 ? null : (change as WatchChange);
}

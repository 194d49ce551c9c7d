// Pure: watch states as the API names and writes them.
import type { z } from 'zod';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import { FIELDS, type WatchValue } from '../state/watch-fields.ts';
import type { stateView } from '../sync-api.ts';

export type StateView = z.input<typeof stateView>;

const NAMES: Readonly<Record<WatchField, keyof StateView>> = {
  played: 'played',
  playCount: 'play_count',
  positionMs: 'position_ms',
  favourite: 'favorite',
  rating: 'rating',
  lastPlayedMs: 'last_played_at',
};

export const nameOfField = (field: WatchField): keyof StateView => NAMES[field];

export const valueView = (field: WatchField, value: WatchValue): string | number | boolean | null =>
  field === 'lastPlayedMs' && typeof value === 'number' ? new Date(value).toISOString() : value;

/** Only what is there. */
export function viewState(change: WatchChange): StateView {
  const shown: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = change[field];
    if (value !== undefined) shown[NAMES[field]] = valueView(field, value);
  }
  return shown as StateView;
}

/** `played true, play_count 1` */
export const stateInWords = (change: WatchChange): string =>
  Object.entries(viewState(change))
    .map(([name, value]) => `${name} ${value === null ? 'none' : String(value)}`)
    .join(', ');

// Pure: watch states as the API names and writes them.
import { z } from 'zod';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import { FIELDS, type WatchValue } from '../state/watch-fields.ts';

export const stateView = z.object({
  played: z.boolean().optional(),
  play_count: z.number().optional(),
  position_ms: z.number().optional(),
  favorite: z.boolean().optional(),
  rating: z.number().nullable().optional(),
  last_played_at: z.iso.datetime().nullable().optional(),
});
export type StateView = z.input<typeof stateView>;

const NAMES: Readonly<Record<WatchField, keyof StateView>> = {
  played: 'played',
  playCount: 'play_count',
  positionMs: 'position_ms',
  favourite: 'favorite',
  rating: 'rating',
  lastPlayedMs: 'last_played_at',
};

export const fieldNames = FIELDS.map((field) => NAMES[field]);

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

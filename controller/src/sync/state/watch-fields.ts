// Pure: when two values of a field are the same, which fields belong to which kind of sync, and what counts as a loss.
import { untouched, type WatchChange, type WatchField, type WatchState } from '../../neighbours/watch-state.ts';

/** What can be switched off by itself. */
export type WatchKind = 'progress' | 'watched' | 'favourites' | 'ratings';

export const FIELDS: readonly WatchField[] = ['played', 'playCount', 'positionMs', 'favourite', 'rating', 'lastPlayedMs'];

const KIND_OF: Readonly<Record<WatchField, WatchKind>> = {
  played: 'watched',
  playCount: 'watched',
  lastPlayedMs: 'watched',
  positionMs: 'progress',
  favourite: 'favourites',
  rating: 'ratings',
};

export const kindOf = (field: WatchField): WatchKind => KIND_OF[field];

/** A server cuts positions and dates in its own way. */
const TOLERANCE_MS = 1_000;

export type WatchValue = WatchState[WatchField];

/** A beginning and a position are never the same, nor a date and none. */
export function isSame(field: WatchField, a: WatchValue | undefined, b: WatchValue | undefined): boolean {
  if (field !== 'positionMs' && field !== 'lastPlayedMs') return a === b;
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) < TOLERANCE_MS && (a === 0) === (b === 0);
}

/** The same in every field; what neither tells of is no difference. */
export const isSameState = (a: Partial<WatchState>, b: Partial<WatchState>): boolean =>
  FIELDS.every((field) => isSame(field, a[field], b[field]));

/** To the millisecond. */
export const isEqualState = (a: Partial<WatchState>, b: Partial<WatchState>): boolean =>
  FIELDS.every((field) => a[field] === b[field]);

/** Something that a person had is gone: it may be a mistake of a server rather than a wish. */
export function isLoss(field: WatchField, before: WatchValue | undefined, after: WatchValue): boolean {
  if (before === undefined || field === 'lastPlayedMs' || field === 'playCount') return false;
  return before !== untouched[field] && after === untouched[field];
}

/** `change` without these fields. */
export const withoutFields = (change: WatchChange, fields: readonly WatchField[]): WatchChange =>
  fields.length === 0 ? change : keep(change, (field) => !fields.includes(field));

/** Only these fields of it. */
export const onlyFields = (change: WatchChange, fields: readonly WatchField[]): WatchChange =>
  keep(change, (field) => fields.includes(field));

const keep = (change: WatchChange, isKept: (field: WatchField) => boolean): WatchChange =>
  Object.fromEntries(FIELDS.flatMap((field) => (field in change && isKept(field) ? [[field, change[field]]] : [])));

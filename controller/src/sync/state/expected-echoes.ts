// What hooks will tell of our own writing: each write is told once more by its server, with nothing that is not known.
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Place } from './sync-tables.ts';
import { FIELDS, isSame } from './watch-fields.ts';

/** What a hook tells, as far as it matters here. */
export type Told = {
  readonly type: string;
  readonly userId: string | null;
  readonly itemId: string | null;
  readonly has: WatchChange;
  readonly unmeant: readonly WatchField[];
};

export type ExpectedEchoes = {
  /** Before it is written: afterwards the place should have this. */
  expect(place: Place, state: WatchState): void;
  /** It was not written, or nobody knows. */
  forget(place: Place): void;
  /**
   * This hook says exactly what was written there just now, which is read back anyway: nobody need keep it. Each write is told once, and whatever else is told
   * of the place ends the waiting: who sets it back and anew says something.
   */
  isEcho(server: string, told: Told): boolean;
};

/** A server that sends no hooks leaves them here. */
const MOST_EXPECTED = 1_000;

export function createExpectedEchoes(): ExpectedEchoes {
  const expected = new Map<string, WatchState>();
  return {
    expect(place, state) {
      const key = keyOf(place);
      expected.delete(key);
      expected.set(key, state);
      const oldest = expected.size > MOST_EXPECTED ? expected.keys().next().value : undefined;
      if (oldest !== undefined) expected.delete(oldest);
    },
    forget: (place) => void expected.delete(keyOf(place)),
    isEcho(server, { type, userId, itemId, has, unmeant }) {
      if (type !== 'UserDataSaved' || userId === null || itemId === null) return false;
      const key = keyOf({ server, userId, itemId });
      const state = expected.get(key);
      if (state === undefined) return false;
      expected.delete(key);
      return !unmeant.includes('played') && FIELDS.every((field) => isSame(field, state[field], has[field]));
    },
  };
}

const keyOf = ({ server, userId, itemId }: Place): string => `${server} ${userId} ${itemId}`;

// What is written to a server so that it has what is agreed.
import t from 'tap';
import { untouched, type WatchState } from '../../../src/neighbours/watch-state.ts';
import type { Registers } from '../../../src/sync/state/observe.ts';
import { planWrite } from '../../../src/sync/state/plan-write.ts';

const agreed = (state: Partial<WatchState>): Registers =>
  Object.fromEntries(
    Object.entries(state).map(([field, value]) => [field, { value, at: { ms: 1, count: 0, origin: 'attic' } }]),
  ) as Registers;

const watched: WatchState = { ...untouched, played: true, playCount: 2, lastPlayedMs: 1_700_000_000_000 };

t.test('row 315: only what differs is written, and nothing where nothing does', async (t) => {
  t.same(planWrite(agreed({ favourite: true, rating: 10 }), { ...untouched, rating: 10 }), { favourite: true });
  t.equal(planWrite(agreed(watched), watched), null);
  t.equal(planWrite({}, watched), null);
  t.equal(planWrite(agreed({ positionMs: 60_500 }), { ...untouched, positionMs: 60_000 }), null, 'within a second');
});

t.test('what was never seen of a server is written', async (t) => {
  t.same(planWrite(agreed({ favourite: false }), {}), { favourite: false });
});

t.test('what may not be written stays', async (t) => {
  const may = (field: string): boolean => field !== 'positionMs';
  t.same(planWrite(agreed({ positionMs: 60_000, favourite: true }), untouched, may), { favourite: true });
  t.equal(planWrite(agreed({ positionMs: 60_000 }), untouched, may), null);
});

t.test('row 256: unwatched takes count, position and date away together', async (t) => {
  const reset = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
  t.same(planWrite(agreed(reset), { ...watched, favourite: true }), reset);
  t.same(planWrite(agreed(reset), { ...untouched, lastPlayedMs: 5 }), reset, 'also where the date alone is left');
});

t.test('a date that cannot go alone stays, with the count or the position', async (t) => {
  const unwatched = { played: false, playCount: 0, lastPlayedMs: null };
  t.same(planWrite(agreed({ ...unwatched, positionMs: 60_000 }), watched), {
    played: false,
    playCount: 0,
    positionMs: 60_000,
  });
  t.equal(planWrite(agreed({ lastPlayedMs: null }), watched), null, 'the count is nobody’s wish');
  t.equal(planWrite(agreed(unwatched), { ...untouched, positionMs: 7_000, lastPlayedMs: 5 }), null);
});

t.test('nothing is reset of what somebody plays there', async (t) => {
  const reset = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
  t.equal(
    planWrite(agreed(reset), watched, (field) => field === 'favourite' || field === 'rating'),
    null,
  );
});

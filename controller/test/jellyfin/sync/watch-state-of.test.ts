// Jellyfin's user data as a watch state: answers of a real 12.0.0, and what is asked so that one becomes another.
import t from 'tap';
import { userData } from '../../../src/jellyfin/sync/sync-schemas.ts';
import { planWrite, timeOf, watchState } from '../../../src/jellyfin/sync/watch-state-of.ts';
import { untouched } from '../../../src/neighbours/watch-state.ts';

const stateOf = (answer: unknown, isFolder = false) => watchState(userData.parse(answer), isFolder);
const KEY = { Key: '5555', ItemId: 'fb92e68252cfa6b5b3662ac513b8e64e' };

const bare = { PlaybackPositionTicks: 0, PlayCount: 0, IsFavorite: false, Played: false, ...KEY };

t.test('an answer without what every Jellyfin says is none, and not "nothing was ever played"', async (t) => {
  for (const field of ['PlaybackPositionTicks', 'PlayCount', 'IsFavorite', 'Played']) {
    const { success, error } = userData.safeParse({ ...bare, [field]: undefined });
    t.notOk(success, field);
    t.same(error?.issues[0]?.path, [field]);
  }
  t.notOk(userData.safeParse({}).success);
});

t.test('recorded answers', async (t) => {
  t.same(stateOf(bare), untouched);
  t.same(stateOf({ ...bare, PlayCount: 2, LastPlayedDate: '2026-01-02T03:04:05.0000000Z', Played: true }), {
    ...untouched,
    played: true,
    playCount: 2,
    lastPlayedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  });
  t.equal(
    stateOf({ ...bare, LastPlayedDate: '2026-11-21T04:26:59.0411928Z' }).lastPlayedMs,
    Date.UTC(2026, 10, 21, 4, 26, 59, 41),
  );
  t.equal(stateOf({ ...bare, PlayedPercentage: 2.7, PlaybackPositionTicks: 250_000_000 }).positionMs, 25_000);
  t.equal(stateOf({ ...bare, PlaybackPositionTicks: 250_009_999 }).positionMs, 25_000, 'cut, not rounded');
});

t.test(
  'row 258: rating is the number; likes are made of it and are not read, so that "false" is never taken for a dislike',
  async (t) => {
    t.equal(stateOf({ ...bare, Rating: 10, Likes: true }).rating, 10);
    t.equal(stateOf({ ...bare, Rating: 1, Likes: false }).rating, 1);
    t.equal(stateOf({ ...bare, Rating: 3, Likes: false }).rating, 3);
    t.equal(stateOf({ ...bare, Likes: false }).rating, null);
    t.equal(stateOf({ ...bare, Rating: null, Likes: null }).rating, null);
  },
);

t.test('of a series or season only favourite and rating are its own', async (t) => {
  const answer = {
    Played: true,
    PlayCount: 3,
    PlaybackPositionTicks: 5,
    LastPlayedDate: '2026-01-02T03:04:05Z',
    IsFavorite: true,
    Rating: 7,
  };
  t.same(stateOf({ ...answer, UnplayedItemCount: 0 }), { ...untouched, favourite: true, rating: 7 });
  t.same(stateOf(answer, true), { ...untouched, favourite: true, rating: 7 });
});

t.test('times: UTC also where it is not said, and the year 1 is none', async (t) => {
  t.equal(timeOf('2026-01-02T03:04:05'), Date.UTC(2026, 0, 2, 3, 4, 5));
  t.equal(timeOf('2026-01-02T05:04:05.123+02:00'), Date.UTC(2026, 0, 2, 3, 4, 5, 123));
  for (const none of [null, undefined, '', '0001-01-01T00:00:00.0000000Z', '0001-01-01T00:00:00', 'yesterday'])
    t.equal(timeOf(none), null);
});

t.test('only what is given is said, and likes never', async (t) => {
  t.same(planWrite({}), { reset: false, clearRating: false, body: null });
  t.same(planWrite({ favourite: false }), { reset: false, clearRating: false, body: { IsFavorite: false } });
  t.same(planWrite({ played: true, playCount: 2, positionMs: 61_500.4, favourite: true, rating: 10, lastPlayedMs: 1_000 }).body, {
    Played: true,
    PlayCount: 2,
    PlaybackPositionTicks: 615_000_000,
    IsFavorite: true,
    Rating: 10,
    LastPlayedDate: '1970-01-01T00:00:01.000Z',
  });
  t.same(planWrite({ played: false, playCount: 0, positionMs: 0 }).body, {
    Played: false,
    PlayCount: 0,
    PlaybackPositionTicks: 0,
  });
});

t.test('a rating is taken away by itself, a date only with all that goes with it', async (t) => {
  t.same(planWrite({ rating: null }), { reset: false, clearRating: true, body: null });
  const whole = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
  t.same(planWrite(whole), { reset: true, clearRating: false, body: null });
  t.same(planWrite({ ...whole, rating: null, favourite: true }), { reset: true, clearRating: true, body: { IsFavorite: true } });
  for (const part of [
    { lastPlayedMs: null },
    { ...whole, played: true },
    { ...whole, playCount: 1 },
    { ...whole, positionMs: 1 },
  ])
    t.throws(() => planWrite(part), { code: 'input_invalid' });
});

// Which of several hooks for one item still say something.
import t from 'tap';
import { newestHooks } from '../../../src/sync/intake/newest-hooks.ts';
import { readHook } from '../../../src/sync/intake/webhook-payload.ts';

type Told = Readonly<Record<string, unknown>>;
const whole = { Likes: false, Rating: 0, PlaybackPositionTicks: 0, PlayCount: 1, Favorite: false, Played: false };

function hook(second: number, told: Told) {
  const at = `2026-11-26T10:00:${String(second).padStart(2, '0')}.0000001Z`;
  const body = {
    ...{ ServerId: 's', ServerVersion: '12', ServerUrl: 'u', NotificationType: 'UserDataSaved', UtcTimestamp: at },
    ...{ UserId: 'a'.repeat(32), ItemId: 'b'.repeat(32), ItemType: 'Movie', LastPlayedDate: at, ...whole, ...told },
  };
  const read = readHook(JSON.stringify(body));
  if (!('ok' in read)) throw new Error(read.problem);
  return { second, report: read.ok.report };
}
const left = (...hooks: readonly ReturnType<typeof hook>[]): readonly number[] =>
  newestHooks(hooks).left.map(({ second }) => second);

t.test('row 303: of on, off and on the last says all', async (t) => {
  const on = { Favorite: true, SaveReason: 'UpdateUserRating' };
  const off = { Favorite: false, SaveReason: 'UpdateUserRating' };
  t.same(left(hook(1, on), hook(2, off), hook(3, on)), [3]);
  t.same(newestHooks([hook(1, on), hook(2, off)]).overtaken.length, 1);
});

t.test('one that was made earlier and came later takes nothing away', async (t) => {
  t.same(left(hook(2, { Favorite: true }), hook(1, { Favorite: false })), [2, 1]);
});

t.test("a player's start says nothing of an unwatched before it, so that stays", async (t) => {
  const unwatched = hook(1, { SaveReason: 'TogglePlayed', Played: false });
  t.same(left(unwatched, hook(2, { SaveReason: 'PlaybackStart', Played: false })), [1, 2]);
  t.same(left(unwatched, hook(2, { SaveReason: 'UpdateUserRating', Favorite: true })), [2]);
});

t.test('what a template leaves out is not said by it', async (t) => {
  const short = hook(2, { Favorite: '', Rating: '', Likes: '' });
  t.same(left(hook(1, { Favorite: true }), short), [1, 2]);
});
